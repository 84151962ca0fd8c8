"""what answers are about

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    # Answers from before say nothing of why the item was found, so nothing is learned from them.
    op.add_column('feedback', sa.Column('about', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('feedback', sa.Column('set_aside_at', Moment(), nullable=True))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_column('feedback', 'set_aside_at')
    op.drop_column('feedback', 'about')
