"""kinds of mail

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('analysis') as batch:
        batch.add_column(sa.Column('last_deadline', sa.Date(), nullable=True))
        batch.create_index(op.f('ix_analysis_last_deadline'), ['last_deadline'])
    with op.batch_alter_table('profile_check') as batch:
        batch.add_column(sa.Column('problem', sa.Text(), nullable=False, server_default=''))
    op.create_table('reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('days_before', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_reminder_item_id_agenda_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_reminder_message_id_message'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_reminder_recipient_id_recipient'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
    sa.UniqueConstraint('recipient_id', 'item_id', 'kind', 'due_on', 'days_before', name=op.f('uq_reminder_recipient_id_item_id_kind_due_on_days_before'))
    )
    op.create_index(op.f('ix_reminder_item_id'), 'reminder', ['item_id'])
    op.create_index(op.f('ix_reminder_message_id'), 'reminder', ['message_id'])
    op.create_table('handled_deadline',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('association_id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('handled_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['association_id'], ['association.id'], name=op.f('fk_handled_deadline_association_id_association'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_handled_deadline_item_id_agenda_item'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_handled_deadline')),
    sa.UniqueConstraint('association_id', 'item_id', 'due_on', name=op.f('uq_handled_deadline_association_id_item_id_due_on'))
    )
    op.create_index(op.f('ix_handled_deadline_item_id'), 'handled_deadline', ['item_id'])


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('handled_deadline')
    op.drop_table('reminder')
    op.execute("DELETE FROM message WHERE kind = 'reminder'")
    with op.batch_alter_table('profile_check') as batch:
        batch.drop_column('problem')
    with op.batch_alter_table('analysis') as batch:
        batch.drop_index(op.f('ix_analysis_last_deadline'))
        batch.drop_column('last_deadline')
