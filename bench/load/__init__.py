"""Load test of the server and of Lambda runtimes: throughput, latency and memory (``make load``)."""
