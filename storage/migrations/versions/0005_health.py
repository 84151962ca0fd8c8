"""health states and alarms

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from storage.base import Moment

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

OUTCOMES = ('running', 'ok', 'partial', 'empty', 'failed', 'blocked', 'unsupported')
STATES = ('failing', 'empty', 'blocked', 'late', 'never', 'unsupported', 'healthy', 'inactive')


def upgrade() -> None:
    """Applies the change."""
    with op.batch_alter_table('source') as table:
        table.add_column(sa.Column('last_outcome', sa.Enum(*OUTCOMES, name='crawloutcome', native_enum=False, length=40), nullable=True))
        table.add_column(sa.Column('failing_since', Moment(timezone=True), nullable=True))
        table.add_column(sa.Column('list_is_whole', sa.Boolean(), nullable=True))
        table.add_column(sa.Column('newest_at', Moment(timezone=True), nullable=True))
        table.add_column(sa.Column('usual_gap_days', sa.Integer(), nullable=True))
    with op.batch_alter_table('crawl_run') as table:
        table.add_column(sa.Column('ahead', sa.Integer(), nullable=True))
    op.execute(
        "UPDATE source SET last_outcome = (SELECT crawl_run.outcome FROM crawl_run WHERE crawl_run.id ="
        " (SELECT max(newest.id) FROM crawl_run newest WHERE newest.source_id = source.id"
        " AND newest.outcome <> 'running'))"
    )
    op.create_table('source_alarm',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum(*STATES, name='sourcestate', native_enum=False, length=40), nullable=False),
    sa.Column('since', Moment(timezone=True), nullable=False),
    sa.Column('told_at', Moment(timezone=True), nullable=True),
    sa.Column('recovered_at', Moment(timezone=True), nullable=True),
    sa.Column('recovery_told_at', Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_alarm_source_id_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_alarm'))
    )
    op.create_index(op.f('ix_source_alarm_source_id'), 'source_alarm', ['source_id'], unique=False)
    op.create_table('source_probe',
    sa.Column('source_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('checked_at', Moment(timezone=True), nullable=False),
    sa.Column('platform', sa.String(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('proposal', sa.Text(), nullable=False),
    sa.Column('told_at', Moment(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_probe_source_id_source')),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_source_probe'))
    )


def downgrade() -> None:
    """Takes the change back."""
    op.drop_table('source_probe')
    op.drop_index(op.f('ix_source_alarm_source_id'), table_name='source_alarm')
    op.drop_table('source_alarm')
    with op.batch_alter_table('crawl_run') as table:
        table.drop_column('ahead')
    with op.batch_alter_table('source') as table:
        for name in ('usual_gap_days', 'newest_at', 'list_is_whole', 'failing_since', 'last_outcome'):
            table.drop_column(name)
