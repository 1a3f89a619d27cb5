"""Every connector, by the word in its address."""

from __future__ import annotations

from collections.abc import Mapping

from service.crm.churnzero import ChurnZero
from service.crm.connector import Connector
from service.crm.gainsight import Gainsight
from service.crm.generic import Generic
from service.crm.hubspot import HubSpot
from service.crm.intercom import Intercom
from service.crm.salesforce import Salesforce
from service.crm.slack import Slack
from service.crm.zendesk import Zendesk

CONNECTORS: Mapping[str, Connector] = {
    "salesforce": Salesforce(),
    "gainsight": Gainsight(),
    "churnzero": ChurnZero(),
    "hubspot": HubSpot(),
    "zendesk": Zendesk(),
    "intercom": Intercom(),
    "slack": Slack(),
    "generic": Generic(),
}
