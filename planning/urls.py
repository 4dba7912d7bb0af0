from django.urls import path

from planning.views import actions, objectives, plan, sections

app_name = "planning"
ACCOUNT = "accounts/<int:account_id>/"
PLAN = f"{ACCOUNT}plan/"
SECTION = f"{PLAN}sections/<int:section_id>/"
ACTION = f"{ACCOUNT}actions/<int:action_id>/"
urlpatterns = [
    path("actions/", actions.action_list_page, name="action-list"),
    path(PLAN, plan.plan_detail, name="plan-detail"),
    path(f"{PLAN}open/", plan.plan_open, name="plan-open"),
    path(f"{PLAN}<int:plan_id>/strategy/", plan.plan_strategy, name="plan-strategy"),
    path(f"{PLAN}<int:plan_id>/confirm/", plan.plan_confirm, name="plan-confirm"),
    path(SECTION, sections.section_save, name="section-save"),
    path(f"{SECTION}resolve/", sections.section_resolve, name="section-resolve"),
    path(f"{SECTION}history/", sections.section_history, name="section-history"),
    path(f"{SECTION}restore/", sections.section_restore, name="section-restore"),
    path(f"{PLAN}<int:plan_id>/objectives/new/", objectives.objective_new, name="objective-new"),
    path(f"{PLAN}objectives/<int:objective_id>/", objectives.objective_edit, name="objective-edit"),
    path(f"{PLAN}objectives/<int:objective_id>/remove/", objectives.objective_remove, name="objective-remove"),
    path(f"{ACCOUNT}actions/new/", actions.action_new, name="action-new"),
    path(ACTION, actions.action_edit, name="action-edit"),
    path(f"{ACTION}start/", actions.action_start, name="action-start"),
    path(f"{ACTION}done/", actions.action_done, name="action-done"),
    path(f"{ACTION}reopen/", actions.action_reopen, name="action-reopen"),
    path(f"{ACTION}move/", actions.action_move, name="action-move"),
    path(f"{ACTION}drop/", actions.action_drop, name="action-drop"),
    path(f"{ACTION}delete/", actions.action_delete, name="action-delete"),
]
