# Groundswell in one container: API, pages and the background worker.
#
#   docker build -t groundswell .
#   docker run -p 8000:8000 -v groundswell:/data groundswell
#
# TORCH_INDEX is the package index that torch comes from: by default its CPU build, a tenth of
# the CUDA build's size. Set it to another index, or empty for what PyPI holds.

FROM python:3.11-slim AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/groundswell
WORKDIR /src
COPY pyproject.toml constraints.txt README.md ./
COPY models ./models
COPY clustering ./clustering
COPY service ./service
RUN /opt/groundswell/bin/pip install --constraint constraints.txt \
        ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data --create-home groundswell
COPY --from=build /opt/groundswell /opt/groundswell
ENV PATH=/opt/groundswell/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GROUNDSWELL_DATABASE_URL=sqlite:////data/groundswell.db
USER groundswell
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
# Migrating first is what makes a newer image work on an older volume; two at once take turns.
CMD ["sh", "-c", "groundswell migrate && exec groundswell serve --host 0.0.0.0 --port 8000"]
