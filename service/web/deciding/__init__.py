"""What CS Ops presses and ticks, wherever a page lets them decide."""
