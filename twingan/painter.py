"""Give a drawn head all its hair, its colour, eyes and mouth of its part, and glasses, within the graph that drew it.

So eyes are as crisp as a real drawing's, and all but these is as the network drew it, to the pixel. Places are in
sixteenths of the side; they fit `face_crop.align.RECIPE`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from twingan import crown, eye_places, painted_mouth
from twingan.brush import SIZE, laid, ramp
from twingan.crown import Crown
from twingan.drawn_colours import colour_within, hair_colour, hair_of, skin_of
from twingan.drawn_eyes import DrawnEyes
from twingan.eye_places import SEEN, EyePlaces, Eyes
from twingan.lab import colour, to_lab
from twingan.likeness import area_of
from twingan.painted_eyes import Look, PaintedEyes
from twingan.painted_glasses import PaintedGlasses
from twingan.painted_hair import dyed
from twingan.painted_mouth import MOUTH, PaintedMouth
from twingan.part import BLUE, BROWN, GREEN, SHADE

ASLEEP, AWAKE = 0.1, 0.7
"""Openness, as it is read, of eyes that are drawn shut and wide open: most people's, laughing or not, are near 0.8."""
SILENT = 0.08
"""Gap of lips, as it is read, up to which mouths are drawn closed."""
STEEP = 40.0
"""Between a man's eyes and a woman's there are no others: 0.45 and 0.55 are read as 0.12 and 0.88."""
DOUBTED = 0.4, 0.6
"""How sure it is of glasses up to which none are drawn, and from which on entirely."""
IRISES = (12.0, 22.0, 50.0), BLUE, GREEN
"""How brown, blue and green irises are drawn: brown ones as amber, as darker ones are rare in drawings."""
SURE = 150.0
"""Kinds count by exp(-d^2 / SURE), d being how far they are from what is read: unsure eyes would else be grey."""
FACE = (8.0, 8.8, 4.2, 4.5)
"""Middle, half width and half height of what turns with a head."""


class Painter(nn.Module):
    """Heads RGB [N,3,256,256] in -1 .. 1, their parts [N,9] (`part.Part.told`), glasses and hair -> RGB [N,3,256,256].

    Glasses are [N,2]: how surely they are worn, and how dark their lenses are. Hair is [N,4]: its L*a*b*, and how sure
    that is.

    Args:
        eyes: those of a "woman" and a "man".
    """

    def __init__(self, eyes: dict[str, DrawnEyes]) -> None:
        super().__init__()
        self.crown, self.places, self.mouth = Crown(), EyePlaces(), PaintedMouth()
        self.eyes, self.glasses = PaintedEyes(eyes["woman"], eyes["man"]), PaintedGlasses()

    def forward(self, head: Tensor, told: Tensor, glasses: Tensor, hair: Tensor, where: Eyes | None = None) -> Tensor:
        """See the class; `where` says where eyes are to be, else they are looked for."""
        left, right, gap, smile, turned, *shade, man = told[:, :, None, None, None].unbind(1)
        openness = [ramp(eye, ASLEEP, AWAKE) for eye in (left, right)]
        iris = _iris(SHADE * torch.cat(shade, 1) + colour(BROWN))
        look = Look((openness[0], openness[1]), iris, torch.sigmoid(STEEP * (man - 0.5)))
        sure, dark = glasses[:, :, None, None, None].unbind(1)
        worn = ramp(sure, *DOUBTED)
        seen, skin = to_lab(functional.avg_pool2d(head, SIZE // SEEN)), to_lab(skin_of(head))
        head, beside = self._haired(head, seen, skin, hair[:, :, None, None])
        at = self.places(area_of(seen, eye_places.AREA), skin) if where is None else where
        eyes = Eyes(_aside(at.left, at.y, turned), _aside(at.right, at.y, turned), at.y)
        around = self.eyes(area_of(head, eye_places.AREA), beside, skin, eyes, look)
        head = laid(head, eye_places.AREA, self.glasses(around, beside, eyes, worn, dark))
        x, y = (torch.tensor(at) for at in MOUTH)
        chin, right = area_of(head, painted_mouth.AREA), _aside(x, y, turned) - x
        chin = self.mouth(chin, skin_of(head), right, ramp(gap, SILENT, 1.0), smile.clamp(0, 1))
        return laid(head, painted_mouth.AREA, chin)

    def _haired(self, head: Tensor, seen: Tensor, skin: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """The head with all its hair in its colour, and where that is beside its eyes."""
        own = hair_colour(head, skin)
        hair = hair_of(seen, skin, own)
        both = torch.cat([head, functional.interpolate(hair, scale_factor=float(SIZE // SEEN), mode="bilinear")], 1)
        both = self.crown(both, area_of(seen, crown.AREA), area_of(hair, crown.AREA), own)
        drawn = colour_within(*(functional.avg_pool2d(picture, 2) for picture in (seen, hair)))
        head = dyed(both[:, :3], both[:, 3:], drawn, told[:, :3], told[:, 3:])
        return head, area_of(both[:, 3:], eye_places.AREA)


def _iris(read: Tensor) -> Tensor:
    """The colour of drawn irises for what was read [N,3,1,1]: that of the nearest kind, or nearly a mean of two."""
    kinds, drawn = (torch.tensor(colours).T[None, :, :, None] for colours in ((BROWN, BLUE, GREEN), IRISES))
    weight = torch.softmax(-(read - kinds).square().sum(1, keepdim=True) / SURE, 2)
    return (drawn * weight).sum(2, keepdim=True)


def _aside(x: Tensor, y: Tensor, turned: Tensor) -> Tensor:
    """Where something is when the face has turned to the right by so much: most in the middle of the face."""
    middle_x, middle_y, wide, high = FACE
    return x + turned * torch.exp(-((x - middle_x) / wide).square() - ((y - middle_y) / high).square())
