"""the text of attachments

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

import storage.base

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the change."""
    op.create_table(
        'attachment_fetch',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('source_id', sa.Integer(), nullable=False),
        sa.Column('url_key', sa.String(), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('status', sa.String(length=40), nullable=False),
        sa.Column('starts_at', storage.base.Moment(timezone=True), nullable=False),
        sa.Column('attempts', sa.Integer(), nullable=False),
        sa.Column('next_attempt_at', storage.base.Moment(timezone=True), nullable=False),
        sa.Column('reason', sa.Text(), nullable=True),
        sa.Column('document_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_attachment_fetch_document_id_document'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_attachment_fetch_source_id_source')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment_fetch')),
        sa.UniqueConstraint('source_id', 'url_key', name=op.f('uq_attachment_fetch_source_id_url_key')),
    )
    op.create_index('ix_attachment_fetch_turn', 'attachment_fetch', ['status', 'starts_at'])
    op.create_index(op.f('ix_attachment_fetch_document_id'), 'attachment_fetch', ['document_id'])
    op.create_table(
        'document_terms',
        sa.Column('document_id', sa.Integer(), nullable=False),
        sa.Column('version', sa.String(), nullable=False),
        sa.Column('data', sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_document_terms_document_id_document'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('document_id', name=op.f('pk_document_terms')),
    )
    op.create_table(
        'document_arrival',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('revision_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_document_arrival_revision_id_revision'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_document_arrival')),
    )
    op.create_index(op.f('ix_document_arrival_revision_id'), 'document_arrival', ['revision_id'])
    with op.batch_alter_table('document') as table:
        table.add_column(sa.Column('pages', sa.Integer(), nullable=False, server_default='0'))
        table.create_index(op.f('ix_document_status'), ['status'])
    with op.batch_alter_table('attachment') as table:
        table.add_column(sa.Column('fetch_id', sa.Integer(), nullable=True))
        table.create_foreign_key(op.f('fk_attachment_fetch_id_attachment_fetch'), 'attachment_fetch', ['fetch_id'], ['id'], ondelete='SET NULL')
        table.create_index(op.f('ix_attachment_fetch_id'), ['fetch_id'])


def downgrade() -> None:
    """Takes the change back."""
    with op.batch_alter_table('attachment') as table:
        table.drop_index(op.f('ix_attachment_fetch_id'))
        table.drop_constraint(op.f('fk_attachment_fetch_id_attachment_fetch'), type_='foreignkey')
        table.drop_column('fetch_id')
    with op.batch_alter_table('document') as table:
        table.drop_index(op.f('ix_document_status'))
        table.drop_column('pages')
    op.drop_table('document_arrival')
    op.drop_table('document_terms')
    op.drop_table('attachment_fetch')
