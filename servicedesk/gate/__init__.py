"""The gate: the way for workers of zones to the embedded Redis, over TLS.

It carries bytes for whoever has logged in as a worker, and for nobody else. It knows neither the database
nor any key but that of its own certificate.
"""
