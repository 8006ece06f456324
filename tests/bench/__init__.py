"""The benchmark: our server, a bare Node relay and an ordinary NiceGUI board under the same load. `make bench`."""
