"""Puts the application together: settings, extensions, domains."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from servicedesk import navigation
from servicedesk.approvals import labels as approval_labels
from servicedesk.approvals import notices as approval_notices
from servicedesk.approvals.definition_views import bp as approval_definitions_bp
from servicedesk.approvals.views import bp as approvals_bp
from servicedesk.assignment.pages import bp as assignment_bp
from servicedesk.assignment.pages import duty_bp
from servicedesk.audit import labels as audit_labels
from servicedesk.audit.views import bp as audit_bp
from servicedesk.config import Settings, key_file, load_settings
from servicedesk.core import filters, web
from servicedesk.core.blobs import BlobStore
from servicedesk.core.crypto import Keyring
from servicedesk.core.current import init_current
from servicedesk.core.folders import top_folder
from servicedesk.core.i18n import keep_catalogue, select_locale, select_timezone
from servicedesk.core.runtime import Runtime
from servicedesk.core.written import Writer
from servicedesk.discovery.keeping_views import bp as discovery_bp
from servicedesk.equipment.access_rules.views import bp as access_rules_bp
from servicedesk.equipment.addressing.views import bp as addressing_bp
from servicedesk.equipment.credential_views import bp as credentials_bp
from servicedesk.equipment.custom_views import bp as custom_fields_bp
from servicedesk.equipment.custom_views import fields_panel
from servicedesk.equipment.document_queries import device_events
from servicedesk.equipment.document_views import bp as technical_documents_bp
from servicedesk.equipment.document_views import documents_panel
from servicedesk.equipment.history import register_source
from servicedesk.equipment.history_views import bp as device_history_bp
from servicedesk.equipment.history_views import relations_panel
from servicedesk.equipment.import_views import bp as device_files_bp
from servicedesk.equipment.interface_views import bp as interfaces_bp
from servicedesk.equipment.interface_views import interfaces_panel
from servicedesk.equipment.jump_host_views import bp as jump_hosts_bp
from servicedesk.equipment.label_views import bp as equipment_bp
from servicedesk.equipment.leaving import register_ending
from servicedesk.equipment.module_views import bp as modules_bp
from servicedesk.equipment.module_views import modules_panel
from servicedesk.equipment.panels import register_panel
from servicedesk.equipment.place_views import bp as places_bp
from servicedesk.equipment.software.pages import bp as software_bp
from servicedesk.equipment.software.panels import licence_events, software_panel
from servicedesk.equipment.software.seats import release_devices
from servicedesk.equipment.stock import notices as stock_notices
from servicedesk.equipment.stock.pages import bp as stock_bp
from servicedesk.equipment.stock.panels import movement_events, parts_panel
from servicedesk.equipment.stocktaking.queries import device_events as stocktaking_events
from servicedesk.equipment.stocktaking.views import bp as stocktaking_bp
from servicedesk.equipment.support_views import bp as support_bp
from servicedesk.equipment.support_views import contracts_panel
from servicedesk.equipment.topology.views import bp as topology_bp
from servicedesk.extensions import babel, csrf, db, login_manager, migrate
from servicedesk.inspections import outcomes
from servicedesk.inspections.amending import queries as amending
from servicedesk.inspections.amending.views import bp as amendments_bp
from servicedesk.inspections.board_views import bp as board_bp
from servicedesk.inspections.coverage.views import bp as coverage_bp
from servicedesk.inspections.days import notices as inspection_day_notices
from servicedesk.inspections.days import queries as inspection_days
from servicedesk.inspections.days.views import bp as days_bp
from servicedesk.inspections.device_history import SOURCES, impact_panel
from servicedesk.inspections.drift import ties as drift_ties
from servicedesk.inspections.drift.composition_views import bp as composition_bp
from servicedesk.inspections.drift.views import bp as drift_bp
from servicedesk.inspections.files.views import bp as chosen_files_bp
from servicedesk.inspections.finding_views import bp as inspections_bp
from servicedesk.inspections.levels.views import bp as levels_bp
from servicedesk.inspections.lists.views import bp as required_lists_bp
from servicedesk.inspections.logins.views import bp as logins_bp
from servicedesk.inspections.manual import definitions
from servicedesk.inspections.manual.room_views import bp as room_rounds_bp
from servicedesk.inspections.manual.round_views import bp as rounds_bp
from servicedesk.inspections.manual.views import bp as manual_items_bp
from servicedesk.inspections.own.views import bp as own_checks_bp
from servicedesk.inspections.panels import DEVICE_PANELS
from servicedesk.inspections.plan_views import bp as plans_bp
from servicedesk.inspections.retention.views import bp as retention_bp
from servicedesk.inspections.reviewing.labels import sample_words
from servicedesk.inspections.reviewing.views import bp as reviews_bp
from servicedesk.inspections.whatif.views import bp as whatif_bp
from servicedesk.inspections.zones.enrolment_views import bp as zone_enrolment_bp
from servicedesk.inspections.zones.views import bp as zones_bp
from servicedesk.knowledge import registering as knowledge_registering
from servicedesk.knowledge.pages import bp as knowledge_bp
from servicedesk.main import bp as main_bp
from servicedesk.maintenance.views import bp as maintenance_bp
from servicedesk.maintenance.views import device_panel as maintenance_panel
from servicedesk.notifications.admin_views import bp as messages_bp
from servicedesk.notifications.events import register_guard
from servicedesk.notifications.views import bp as notifications_bp
from servicedesk.organisations.views import bp as organisations_bp
from servicedesk.repairs import registering as repairs_registering
from servicedesk.repairs.pages import bp as repairs_bp
from servicedesk.repairs.returns.views import bp as returns_bp
from servicedesk.reports.deep import remarks as deep_remarks
from servicedesk.reports.deep.issuing_views import bp as deep_signing_bp
from servicedesk.reports.deep.layout_views import bp as deep_layouts_bp
from servicedesk.reports.deep.remark_views import bp as deep_remarks_bp
from servicedesk.reports.deep.views import bp as deep_reports_bp
from servicedesk.reports.deep.writing_views import bp as deep_texts_bp
from servicedesk.reports.improvement.pages import bp as improvements_bp
from servicedesk.reports.improvement.pages import ticket_panel as improvements_panel
from servicedesk.reports.views import bp as reports_bp
from servicedesk.runbooks import labels as runbook_labels
from servicedesk.runbooks import registering as runbook_registering
from servicedesk.runbooks.pages import bp as runbooks_bp
from servicedesk.sla import labels as sla_labels
from servicedesk.sla.pages import bp as sla_bp
from servicedesk.staff.sessions import load_actor, load_user
from servicedesk.staff.views import bp as staff_bp
from servicedesk.tickets import approval_effects, assigning, next_steps, notices
from servicedesk.tickets.forms import CATEGORY_DOORS, PRIORITY_LABELS
from servicedesk.tickets.page import register_ticket_panel
from servicedesk.tickets.pages import bp as tickets_bp
from servicedesk.tickets.public_views import bp as public_bp
from servicedesk.tickets.quality_views import bp as quality_bp
from servicedesk.tickets.queries import who_may_see
from servicedesk.tickets.watching import bp as watching_bp
from servicedesk.tickets.watching import watches

_HERE = Path(__file__).resolve().parent


def build_app(settings: Settings | None = None) -> Flask:
    """See ``servicedesk.create_app``."""
    settings = settings or load_settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    app = Flask(
        "servicedesk", template_folder=str(top_folder("templates")), static_folder=str(_HERE / "static")
    )
    app.config.update(
        SECRET_KEY=key_file(settings.data / "secret.key"),
        SQLALCHEMY_DATABASE_URI=settings.effective_database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=settings.upload_max_bytes * 2,
        SESSION_COOKIE_NAME="servicedesk",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        WTF_CSRF_TIME_LIMIT=8 * 3600,
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
        BABEL_DEFAULT_LOCALE=settings.locale,
        BABEL_TRANSLATION_DIRECTORIES=str(_HERE / "translations"),
        TESTING=settings.testing,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.code_generator_class = Writer
    app.extensions["servicedesk"] = Runtime(
        settings=settings, keyring=Keyring.load(settings.data), blobs=BlobStore(settings.data / "blobs")
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask documents it
    _init_extensions(app)
    init_current(app, load_actor)
    web.init_web(app)
    filters.register(app)
    navigation.register(app)
    app.jinja_env.globals.update(
        approval_seat_kinds=approval_labels.SEAT_KINDS,
        approval_states=approval_labels.STATES,
        check_title=outcomes.check_title,
        item_title=outcomes.item_title,
        audit_field=audit_labels.field_label,
        clock_badge=sla_labels.clock_badge,
        clock_kinds=sla_labels.KINDS,
        clock_reasons=sla_labels.REASONS,
        clock_told=sla_labels.TOLD,
        due_badge=sla_labels.due_badge,
        due_level=sla_labels.due_level,
        doors=CATEGORY_DOORS,
        next_steps=next_steps,
        manual_result=definitions.result,
        manual_standard=definitions.standard,
        manual_title=definitions.title,
        amendment_subject=amending.subject_words,
        amendment_side=amending.side_words,
        amendment_states=amending.STATES,
        in_words=definitions.in_words,
        inspection_day_labels=inspection_days.DAY_LABELS,
        inspection_explanations=inspection_days.EXPLANATION_LABELS,
        outcome_codes=outcomes.BY_CODE,
        outcome_label=outcomes.outcome_label,
        outcome_verdict=outcomes.verdict_of,
        priority_labels=PRIORITY_LABELS,
        provenance_label=outcomes.provenance_label,
        sample_words=sample_words,
        standard_text=outcomes.standard_text,
        runbook_events=runbook_labels.EVENTS,
        verdict_label=outcomes.verdict_label,
        watches=watches,
    )
    approval_notices.register()
    approval_effects.register()
    assigning.register()
    register_guard(notices.KIND, who_may_see)
    inspection_day_notices.register()
    runbook_registering.register()
    knowledge_registering.register()
    repairs_registering.register()
    register_guard(deep_remarks.KIND, deep_remarks.who_may_see)
    for name, position, maker in DEVICE_PANELS:
        register_panel(name, position, maker)
    register_panel("relations", 25, relations_panel, fetched="device_history.relations_card")
    register_panel("fields", 28, fields_panel)
    register_panel("interfaces", 26, interfaces_panel)
    register_panel("modules", 26, modules_panel)
    register_panel("contracts", 27, contracts_panel)
    register_panel("software", 27, software_panel)
    register_ending("licence_seats", release_devices)
    register_panel("technical_documents", 29, documents_panel)
    register_source("technical_documents", device_events)
    stock_notices.register()
    drift_ties.register()
    register_panel("parts", 24, parts_panel)
    register_panel("maintenance", 23, maintenance_panel)
    register_source("stock", movement_events)
    register_source("stock_taking", stocktaking_events)
    register_source("licences", licence_events)
    for name, source in SOURCES:
        register_source(name, source)
    register_ticket_panel("impact", 10, impact_panel)
    register_ticket_panel("improvements", 12, improvements_panel)
    for blueprint in (
        main_bp,
        staff_bp,
        organisations_bp,
        equipment_bp,
        credentials_bp,
        jump_hosts_bp,
        places_bp,
        device_history_bp,
        device_files_bp,
        support_bp,
        software_bp,
        stock_bp,
        repairs_bp,
        maintenance_bp,
        returns_bp,
        modules_bp,
        addressing_bp,
        discovery_bp,
        technical_documents_bp,
        topology_bp,
        access_rules_bp,
        stocktaking_bp,
        interfaces_bp,
        custom_fields_bp,
        tickets_bp,
        public_bp,
        quality_bp,
        inspections_bp,
        reports_bp,
        deep_reports_bp,
        deep_signing_bp,
        deep_texts_bp,
        deep_remarks_bp,
        deep_layouts_bp,
        improvements_bp,
        board_bp,
        amendments_bp,
        reviews_bp,
        days_bp,
        required_lists_bp,
        logins_bp,
        whatif_bp,
        plans_bp,
        drift_bp,
        composition_bp,
        retention_bp,
        zones_bp,
        zone_enrolment_bp,
        levels_bp,
        chosen_files_bp,
        own_checks_bp,
        manual_items_bp,
        rounds_bp,
        room_rounds_bp,
        coverage_bp,
        runbooks_bp,
        knowledge_bp,
        approvals_bp,
        approval_definitions_bp,
        notifications_bp,
        messages_bp,
        watching_bp,
        assignment_bp,
        duty_bp,
        sla_bp,
        audit_bp,
    ):
        app.register_blueprint(blueprint)
    return app


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.effective_database_url.startswith("sqlite"):
        return {}
    from servicedesk.core.prepared import keep_statements  # here alone: SQLite needs no psycopg

    keep_statements()
    # Last in, first out: the connection that has prepared most is used again.
    return {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 8, "pool_use_lifo": True}


def _init_extensions(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(
        app, db, directory=str(top_folder("migrations")), render_as_batch=True, compare_type=True
    )
    csrf.init_app(app)
    babel.init_app(app, locale_selector=select_locale, timezone_selector=select_timezone)
    keep_catalogue(app, babel)
    login_manager.init_app(app)
    login_manager.unauthorized_handler(web.not_signed_in)
    login_manager.session_protection = None  # addresses change on phones; the epoch ends sessions
    login_manager.user_loader(load_user)
