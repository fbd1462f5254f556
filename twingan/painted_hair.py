"""Give a drawn head's hair the colour that was read from the photo, where the network drew another.

Networks know the colours of most people's hair; grey hair over dark skin they draw brown, as they hardly saw any.
"""

from __future__ import annotations

from torch import Tensor

from twingan.brush import ramp
from twingan.lab import far, to_rgb

ALIKE, OTHER = 8.0, 13.0
"""How far (CIE 1976) the two colours are apart up to which hair stays as it is, and from which it gets the photo's."""


def dyed(head: Tensor, hair: Tensor, own: Tensor, wanted: Tensor, sure: Tensor) -> Tensor:
    """A head whose hair has another colour, lines and lights as they were.

    Args:
        head: RGB [N,3,S,S] in -1 .. 1.
        hair: where it has hair [N,1,S,S].
        own: its hair's colour, L*a*b* [N,3,1,1].
        wanted: the photo's, the same.
        sure: 0 leaves hair as it is, 1 not [N,1,1,1].
    """
    off = wanted - own
    share = sure * ramp(far(off), ALIKE, OTHER)
    shift = to_rgb(own + share * off) - to_rgb(own)
    return (head + shift * hair).clamp(-1, 1)
