"""TwinGAN (Jerry Li, 2018, arXiv 1809.00946): the network, its training and its export. Needs the training extra."""
