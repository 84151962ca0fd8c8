"""lists of which a part cannot be read

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('source') as table:
        table.add_column(sa.Column('flawed_since', Moment(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table('source') as table:
        table.drop_column('flawed_since')
