"""One file is one vote method: check a ballot, tally all."""
