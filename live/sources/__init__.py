"""Where frames come from: host cameras, network streams, files, the demo clip and a test pattern."""
