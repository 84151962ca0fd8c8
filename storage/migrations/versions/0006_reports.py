"""management reports and announced cases

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
import storage.base
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table('document_tables',
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.Enum('read', 'none', 'failed', name='tablestatus', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('tables', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_document_tables_document_id_document'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_document_tables'))
    )
    op.create_table('announced_list',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('municipality_code', sa.Integer(), nullable=False),
    sa.Column('list_key', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('status', sa.Enum('read', 'no_table', 'not_understood', name='liststatus', native_enum=False, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('read_at', storage.base.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['municipality_code'], ['municipality.code'], name=op.f('fk_announced_list_municipality_code_municipality')),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_announced_list_revision_id_revision'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announced_list')),
    sa.UniqueConstraint('revision_id', 'position', name=op.f('uq_announced_list_revision_id_position'))
    )
    op.create_index('ix_announced_list_edition', 'announced_list', ['municipality_code', 'list_key', 'as_of'], unique=False)
    op.create_table('report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('paper_key', sa.Text(), nullable=False),
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('group', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('word', sa.Text(), nullable=False),
    sa.Column('period_text', sa.Text(), nullable=False),
    sa.Column('period_first', sa.Date(), nullable=True),
    sa.Column('period_last', sa.Date(), nullable=True),
    sa.Column('pages', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('first_seen_at', storage.base.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_report_item_id_agenda_item'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_report_revision_id_revision'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
    sa.UniqueConstraint('item_id', 'paper_key', name=op.f('uq_report_item_id_paper_key'))
    )
    op.create_index('ix_report_group', 'report', ['group', 'current'], unique=False)
    op.create_index(op.f('ix_report_revision_id'), 'report', ['revision_id'], unique=False)
    op.create_table('announced_case',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('municipality_code', sa.Integer(), nullable=False),
    sa.Column('list_key', sa.Text(), nullable=False),
    sa.Column('case_key', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('department', sa.Text(), nullable=False),
    sa.Column('committee', sa.Text(), nullable=False),
    sa.Column('expected', sa.Text(), nullable=False),
    sa.Column('expected_first', sa.Date(), nullable=True),
    sa.Column('expected_last', sa.Date(), nullable=True),
    sa.Column('state', sa.Enum('coming', 'forwarded', 'finished', 'gone', name='casestate', native_enum=False, length=40), nullable=False),
    sa.Column('history', sa.JSON(), nullable=False),
    sa.Column('list_id', sa.Integer(), nullable=False),
    sa.Column('page', sa.Integer(), nullable=True),
    sa.Column('first_seen_on', sa.Date(), nullable=False),
    sa.Column('last_seen_on', sa.Date(), nullable=False),
    sa.Column('mailable', sa.Boolean(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=True),
    sa.Column('matched_with', sa.String(), nullable=False),
    sa.Column('compared_through', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['agenda_item.id'], name=op.f('fk_announced_case_item_id_agenda_item'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['list_id'], ['announced_list.id'], name=op.f('fk_announced_case_list_id_announced_list'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['municipality_code'], ['municipality.code'], name=op.f('fk_announced_case_municipality_code_municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announced_case')),
    sa.UniqueConstraint('municipality_code', 'list_key', 'case_key', name=op.f('uq_announced_case_municipality_code_list_key_case_key'))
    )
    op.create_index(op.f('ix_announced_case_item_id'), 'announced_case', ['item_id'], unique=False)
    op.create_index(op.f('ix_announced_case_list_id'), 'announced_case', ['list_id'], unique=False)
    op.create_index(op.f('ix_announced_case_matched_with'), 'announced_case', ['matched_with'], unique=False)
    op.create_index('ix_announced_case_state', 'announced_case', ['municipality_code', 'state'], unique=False)
    op.create_table('announced_match',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('profile_id', sa.Integer(), nullable=False),
    sa.Column('announced_case_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('found_at', storage.base.Moment(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['announced_case_id'], ['announced_case.id'], name=op.f('fk_announced_match_announced_case_id_announced_case'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['profile_id'], ['profile.id'], name=op.f('fk_announced_match_profile_id_profile'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_announced_match')),
    sa.UniqueConstraint('profile_id', 'announced_case_id', name=op.f('uq_announced_match_profile_id_announced_case_id'))
    )
    op.create_index(op.f('ix_announced_match_announced_case_id'), 'announced_match', ['announced_case_id'], unique=False)
    op.create_table('notice_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.Column('recipient_id', sa.Integer(), nullable=False),
    sa.Column('announced_case_id', sa.Integer(), nullable=True),
    sa.Column('report_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['announced_case_id'], ['announced_case.id'], name=op.f('fk_notice_entry_announced_case_id_announced_case'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['message_id'], ['message.id'], name=op.f('fk_notice_entry_message_id_message'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['recipient_id'], ['recipient.id'], name=op.f('fk_notice_entry_recipient_id_recipient'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_notice_entry_report_id_report'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_entry')),
    sa.UniqueConstraint('recipient_id', 'announced_case_id', name=op.f('uq_notice_entry_recipient_id_announced_case_id')),
    sa.UniqueConstraint('recipient_id', 'report_id', name=op.f('uq_notice_entry_recipient_id_report_id'))
    )
    op.create_index(op.f('ix_notice_entry_announced_case_id'), 'notice_entry', ['announced_case_id'], unique=False)
    op.create_index(op.f('ix_notice_entry_message_id'), 'notice_entry', ['message_id'], unique=False)
    op.create_index(op.f('ix_notice_entry_report_id'), 'notice_entry', ['report_id'], unique=False)


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index(op.f('ix_notice_entry_report_id'), table_name='notice_entry')
    op.drop_index(op.f('ix_notice_entry_message_id'), table_name='notice_entry')
    op.drop_index(op.f('ix_notice_entry_announced_case_id'), table_name='notice_entry')
    op.drop_table('notice_entry')
    op.drop_index(op.f('ix_announced_match_announced_case_id'), table_name='announced_match')
    op.drop_table('announced_match')
    op.drop_index('ix_announced_case_state', table_name='announced_case')
    op.drop_index(op.f('ix_announced_case_matched_with'), table_name='announced_case')
    op.drop_index(op.f('ix_announced_case_list_id'), table_name='announced_case')
    op.drop_index(op.f('ix_announced_case_item_id'), table_name='announced_case')
    op.drop_table('announced_case')
    op.drop_index(op.f('ix_report_revision_id'), table_name='report')
    op.drop_index('ix_report_group', table_name='report')
    op.drop_table('report')
    op.drop_index('ix_announced_list_edition', table_name='announced_list')
    op.drop_table('announced_list')
    op.drop_table('document_tables')
