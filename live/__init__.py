"""The live product: cameras in, painted pictures out."""
