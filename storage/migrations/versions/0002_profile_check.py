"""how far each profile has been compared with the archive

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('profile_check',
    sa.Column('profile_id', sa.Integer(), nullable=False),
    sa.Column('profile_hash', sa.String(), nullable=False),
    sa.Column('version', sa.String(), nullable=False),
    sa.Column('origin', sa.Enum('published', 'profile', 'vocabulary', name='matchorigin', native_enum=False, length=40), nullable=False),
    sa.Column('through', sa.Integer(), nullable=False),
    sa.Column('finished', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['profile_id'], ['profile.id'], name=op.f('fk_profile_check_profile_id_profile'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('profile_id', name=op.f('pk_profile_check'))
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('profile_check')
