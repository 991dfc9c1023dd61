"""Questions that share no template: two families of single prompts."""

from __future__ import annotations

PASSWORDS = (
    "how do i reset my password",
    "my password does not work any more",
    "i forgot which password i use",
    "please send me a new password",
    "where can i change the password of my account",
    "password reset link never arrived",
    "cannot log in because the password is wrong",
    "is there a way to recover an old password",
    "why was my password refused twice",
    "the password page shows an error",
)
PARCELS = (
    "when will my parcel arrive",
    "my parcel has not been delivered",
    "where is the parcel i ordered last week",
    "parcel tracking shows nothing new",
    "the parcel was left at the wrong door",
    "can the parcel be delivered on saturday",
    "i want to send my parcel back",
    "the courier lost my parcel",
    "how long does a parcel take to norway",
    "parcel came damaged what now",
)
