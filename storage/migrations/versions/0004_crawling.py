"""revisions, withdrawal, backfill

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
import storage.base
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('backfill',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('reached', sa.Date(), nullable=False),
    sa.Column('asked_at', storage.base.Moment(timezone=True), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('fetched', sa.Integer(), nullable=False),
    sa.Column('waiting', sa.Integer(), nullable=True),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('finished_at', storage.base.Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_backfill_source_id_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backfill')),
    sa.UniqueConstraint('source_id', 'since', 'until', name=op.f('uq_backfill_source_id_since_until'))
    )
    op.create_index(op.f('ix_backfill_source_id'), 'backfill', ['source_id'])
    op.add_column('publication', sa.Column('next_attempt_at', storage.base.Moment(timezone=True), nullable=True))
    op.add_column('publication', sa.Column('missing_since', storage.base.Moment(timezone=True), nullable=True))
    op.add_column('meeting', sa.Column('withdrawn_at', storage.base.Moment(timezone=True), nullable=True))
    op.add_column('agenda_item', sa.Column('taken_down_at', storage.base.Moment(timezone=True), nullable=True))
    op.add_column('agenda_item', sa.Column('taken_down_reason', sa.Text(), nullable=True))
    op.add_column('crawl_run', sa.Column('archive', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Takes the change back."""
    # Plain, not in a batch: SQLite's batches drop the old table, which foreign keys would take for a deletion of rows.
    op.drop_column('crawl_run', 'archive')
    op.drop_column('agenda_item', 'taken_down_reason')
    op.drop_column('agenda_item', 'taken_down_at')
    op.drop_column('meeting', 'withdrawn_at')
    op.drop_column('publication', 'missing_since')
    op.drop_column('publication', 'next_attempt_at')
    op.drop_index(op.f('ix_backfill_source_id'), table_name='backfill')
    op.drop_table('backfill')
