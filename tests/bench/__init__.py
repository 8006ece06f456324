"""The benchmark: our server and a bare Node relay under the same load. `make bench`."""
