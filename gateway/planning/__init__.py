"""How much a machine carries: a day's arrivals, simulated hour by hour, from costs that were measured."""
