"""which state of our own code read a paper

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('publication') as table:
        table.add_column(sa.Column('reader', sa.String(), nullable=False, server_default=''))


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table('publication') as table:
        table.drop_column('reader')
