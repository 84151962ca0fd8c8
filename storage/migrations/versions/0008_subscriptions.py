"""the life of a subscription

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('subscription') as batch:
        batch.add_column(sa.Column('asked_at', Moment(), nullable=True))
        batch.add_column(sa.Column('invited_at', Moment(), nullable=True))
        batch.add_column(sa.Column('by_form', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('paused_until', sa.Date(), nullable=True))
        batch.add_column(sa.Column('returned_at', Moment(), nullable=True))
        batch.add_column(sa.Column('duty_since', Moment(), nullable=True))
        batch.add_column(sa.Column('imported', sa.String(), nullable=False, server_default=''))
        batch.add_column(sa.Column('weekday', sa.Integer(), nullable=False, server_default='0'))
        batch.add_column(sa.Column('hour', sa.Integer(), nullable=False, server_default='7'))
        batch.add_column(sa.Column('compact', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(
            op.f('fk_subscription_replaces_id_subscription'), 'subscription', ['replaces_id'], ['id'], ondelete='SET NULL'
        )
    # Who was written up before was asked then: the keys of mails that wait or went out stay as they are.
    op.execute("UPDATE subscription SET asked_at = created_at, invited_at = created_at")
    # Never rebuilt in a batch: dropping the old table on SQLite would take every match with it.
    op.add_column('profile', sa.Column('imported_hash', sa.String(), nullable=False, server_default=''))
    op.execute("UPDATE profile SET imported_hash = content_hash")
    op.create_table('missed_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('association_id', sa.Integer(), nullable=True),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('outcome', sa.String(length=40), nullable=False),
    sa.Column('said', sa.JSON(), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('handled_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_missed_report_recipient_id_recipient'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['association_id'], ['association.id'], name=op.f('fk_missed_report_association_id_association'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_missed_report_item_id_agenda_item'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_missed_report'))
    )
    op.create_index(op.f('ix_missed_report_recipient_id'), 'missed_report', ['recipient_id'])
    op.create_index(op.f('ix_missed_report_association_id'), 'missed_report', ['association_id'])
    op.create_index(op.f('ix_missed_report_created_at'), 'missed_report', ['created_at'])


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('missed_report')
    op.drop_column('profile', 'imported_hash')
    op.execute("DELETE FROM subscription WHERE status = 'expired'")
    op.execute("UPDATE subscription SET role = 'watcher' WHERE role = 'deputy'")
    op.execute("DELETE FROM message WHERE kind IN ('catch_up', 'forward', 'notice')")
    with op.batch_alter_table('subscription') as batch:
        batch.drop_constraint(op.f('fk_subscription_replaces_id_subscription'), type_='foreignkey')
        for name in (
            'asked_at', 'invited_at', 'by_form', 'replaces_id', 'paused_until', 'returned_at', 'duty_since', 'imported',
            'weekday', 'hour', 'compact',
        ):
            batch.drop_column(name)
