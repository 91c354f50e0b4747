"""Whose e-mail address is it?"""

from __future__ import annotations

from .models import User


def user_with_address(email: str) -> User | None:
    """The person who may log in with this address, written in capitals or not.

    The code goes to the address as typed, so letters that a database folds together (a dotless i
    and an i) must not meet here: outside ASCII only the very same writing counts. Addresses that
    a person had earlier open nothing.
    """
    for user in User.objects.filter(email__iexact=email, is_active=True):
        if user.email == email or (email.isascii() and user.email.lower() == email.lower()):
            return user
    return None
