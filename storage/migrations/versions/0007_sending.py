"""bounces and delivery

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('recipient') as batch:
        batch.add_column(sa.Column('bounced_at', Moment(), nullable=True))
        batch.add_column(sa.Column('bounce_reason', sa.Text(), nullable=True))
        batch.add_column(sa.Column('trusted_since', Moment(), nullable=True))
    op.create_table(
        'bounce',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('recipient_id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('status', sa.String(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_bounce_message_id_message'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_bounce_recipient_id_recipient'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_bounce')),
        sa.UniqueConstraint('key', name=op.f('uq_bounce_key')),
    )
    op.create_index(op.f('ix_bounce_recipient_id'), 'bounce', ['recipient_id'])
    op.create_index(op.f('ix_bounce_message_id'), 'bounce', ['message_id'])
    op.create_table(
        'message_attempt',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=False),
        sa.Column('at', Moment(), nullable=False),
        sa.Column('outcome', sa.String(40), nullable=False),
        sa.Column('code', sa.Integer(), nullable=True),
        sa.Column('status', sa.String(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_message_attempt_message_id_message'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_message_attempt')),
    )
    op.create_index(op.f('ix_message_attempt_message_id'), 'message_attempt', ['message_id'])
    op.create_table(
        'unmade_mail',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(), nullable=False),
        sa.Column('error', sa.Text(), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('boot', sa.String(), nullable=False),
        sa.Column('first_at', Moment(), nullable=False),
        sa.Column('last_at', Moment(), nullable=False),
        sa.Column('next_attempt_at', Moment(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_unmade_mail')),
        sa.UniqueConstraint('key', name=op.f('uq_unmade_mail_key')),
    )


def downgrade() -> None:
    """Takes the change back. Held and bounced mails become ones that were given up: the older program knows no others."""
    op.execute("UPDATE message SET status = 'dead' WHERE status IN ('held', 'bounced')")
    op.drop_table('unmade_mail')
    op.drop_table('message_attempt')
    op.drop_table('bounce')
    with op.batch_alter_table('recipient') as batch:
        batch.drop_column('trusted_since')
        batch.drop_column('bounce_reason')
        batch.drop_column('bounced_at')
