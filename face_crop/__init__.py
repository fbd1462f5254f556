"""Faces in a frame: where they are, which is which over time, and how to cut them out and put them back.

Arrays in, arrays out. Frames are RGB uint8 [H, W, 3]; coordinates are pixels with integer values at pixel
centres (the convention of OpenCV): the first pixel of a row covers -0.5 .. 0.5.
"""
