"""Runtimes that execute an exported TwinGAN graph behind one Protocol."""
