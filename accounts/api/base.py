"""The base of every API view about accounts: a seat may give what the role does not."""

from accounts.models import Account
from sam.core.api.viewsets import Guarded
from sam.core.authorization.permissions import Permission


class AccountGuarded(Guarded):
    """Lists and creations are open to whoever holds the permission on at least one account."""

    def may_enter(self, permission: Permission) -> bool:
        return super().may_enter(permission) or Account.objects.visible_to(self.person, permission).exists()
