"""Forms of approvals, their instances and the approvers' tasks."""

from ..ports import Query

FORM = "process_code, name, description, components, details, created_at, modified_at"
INSTANCE = (
    "instance_no, instance_id, process_code, business_id, title, originator, dept_id, status,"
    " result, steps, form_values, cc, records, created_at, finished_at"
)

INSERT_FORM = Query(
    "process_forms.insert",
    """INSERT INTO process_forms (process_code, corp_id, name, description, components, details,
                                created_at, modified_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7)""",
)
UPDATE_FORM = Query(
    "process_forms.update",
    """UPDATE process_forms SET name = $3, description = $4, components = $5, details = $6,
                                modified_at = $7
       WHERE corp_id = $1 AND process_code = $2""",
)
DELETE_FORM = Query(
    "process_forms.delete", "DELETE FROM process_forms WHERE corp_id = $1 AND process_code = $2"
)
FORM_BY_CODE = Query(
    "process_forms.by_code",
    f"SELECT {FORM} FROM process_forms WHERE corp_id = $1 AND process_code = $2",
)
FORM_BY_NAME = Query(
    "process_forms.by_name", f"SELECT {FORM} FROM process_forms WHERE corp_id = $1 AND name = $2"
)
FORMS = Query(
    "process_forms.of_corp",
    f"""SELECT {FORM} FROM process_forms WHERE corp_id = $1
        ORDER BY created_at, process_code LIMIT $2 OFFSET $3""",
)
FORM_COUNT = Query("process_forms.count", "SELECT count(*) FROM process_forms WHERE corp_id = $1")

INSERT = Query(
    "process_instances.insert",
    """INSERT INTO process_instances (instance_id, corp_id, process_code, business_id, title,
         originator, dept_id, status, result, steps, form_values, cc, records, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'RUNNING', '', $8, $9, $10, $11, $12)
       RETURNING instance_no""",
)
UPDATE = Query(
    "process_instances.update",
    """UPDATE process_instances SET status = $2, result = $3, records = $4, finished_at = $5
       WHERE instance_no = $1""",
)
LOCK = Query(
    "process_instances.lock",
    """SELECT instance_no FROM process_instances WHERE corp_id = $1 AND instance_id = $2
       FOR UPDATE""",
)
BY_ID = Query(
    "process_instances.by_id",
    f"SELECT {INSTANCE} FROM process_instances WHERE corp_id = $1 AND instance_id = $2",
)
BETWEEN = Query(
    "process_instances.between",
    f"""SELECT {INSTANCE} FROM process_instances
        WHERE corp_id = $1 AND process_code = $2 AND created_at >= $3 AND created_at <= $4
          AND instance_no > $5
        ORDER BY instance_no LIMIT $6""",
)
RUNNING_OF_FORM = Query(
    "process_instances.running_of_form",
    """SELECT instance_id FROM process_instances
       WHERE corp_id = $1 AND process_code = $2 AND status = 'RUNNING'""",
)

INSERT_TASK = Query(
    "process_tasks.insert",
    """INSERT INTO process_tasks (instance_no, corp_id, step, userid, status, result, created_at)
       VALUES ($1, $2, $3, $4, 'RUNNING', 'NONE', $5) RETURNING task_id""",
)
END_TASK = Query(
    "process_tasks.end",
    "UPDATE process_tasks SET status = $2, result = $3, finished_at = $4 WHERE task_id = $1",
)
TASKS = Query(
    "process_tasks.of_instance",
    """SELECT task_id, step, userid, status, result, created_at, finished_at FROM process_tasks
       WHERE instance_no = $1 ORDER BY task_id""",
)
INSTANCE_OF_TASK = Query(
    "process_tasks.instance",
    """SELECT i.instance_id FROM process_tasks t
       JOIN process_instances i ON i.instance_no = t.instance_no
       WHERE t.corp_id = $1 AND t.task_id = $2""",
)
WAITING_FOR = Query(
    "process_tasks.waiting_for",
    """SELECT i.instance_id, t.task_id FROM process_tasks t
       JOIN process_instances i ON i.instance_no = t.instance_no
       WHERE t.corp_id = $1 AND t.userid = $2 AND t.status = 'RUNNING' ORDER BY t.task_id""",
)
COUNT_OPEN = Query(
    "process_tasks.count_open",
    """SELECT count(*) FROM process_tasks
       WHERE corp_id = $1 AND userid = $2 AND status = 'RUNNING'""",
)
ADMINS = Query(
    "members.admins",
    """SELECT userid FROM members WHERE corp_id = $1 AND is_admin = 1 ORDER BY userid LIMIT 20""",
)
