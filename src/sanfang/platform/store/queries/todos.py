"""To-dos and the people they concern."""

from ..ports import Query

TODO = (
    "t.task_no, t.task_id, t.owner_key, t.source_id, t.subject, t.creator, t.modifier, t.done,"
    " t.due_at, t.details, t.created_at, t.modified_at, t.finished_at"
)

INSERT = Query(
    "todos.insert",
    """INSERT INTO todos (task_id, corp_id, owner_key, source_id, subject, creator, modifier, done,
                        due_at, details, created_at, modified_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $10) RETURNING task_no""",
)
UPDATE = Query(
    "todos.update",
    """UPDATE todos SET subject = $2, modifier = $3, done = $4, due_at = $5, details = $6,
                        modified_at = $7, finished_at = $8
       WHERE task_no = $1""",
)
DELETE = Query("todos.delete", "DELETE FROM todos WHERE task_no = $1")
BY_ID = Query("todos.by_id", f"SELECT {TODO} FROM todos t WHERE t.corp_id = $1 AND t.task_id = $2")
LOCK = Query(
    "todos.lock", "SELECT task_no FROM todos WHERE corp_id = $1 AND task_id = $2 FOR UPDATE"
)
BY_SOURCE = Query(
    "todos.by_source",
    f"""SELECT {TODO} FROM todos t
        WHERE t.corp_id = $1 AND t.owner_key = $2 AND t.source_id = $3 AND t.source_id <> ''""",
)

INSERT_PERSON = Query(
    "todo_people.insert",
    """INSERT INTO todo_people (corp_id, unionid, task_no, roles, done, finished_at)
       VALUES ($1, $2, $3, $4, $5, $6)""",
)
DELETE_PEOPLE = Query("todo_people.delete", "DELETE FROM todo_people WHERE task_no = $1")
PEOPLE = Query(
    "todo_people.of_task",
    """SELECT unionid, roles, done, finished_at FROM todo_people
       WHERE task_no = $1 ORDER BY unionid""",
)
OPEN_OF_PERSON = Query(
    "todos.open_of_person",
    """SELECT t.task_id FROM todo_people p JOIN todos t ON t.task_no = p.task_no
       WHERE p.corp_id = $1 AND p.unionid = $2 AND p.roles <> 2 AND t.done = 0
       ORDER BY p.task_no""",
)
OF_PERSON = Query(
    "todos.of_person",
    f"""SELECT {TODO}, p.roles, p.done FROM todo_people p JOIN todos t ON t.task_no = p.task_no
        WHERE p.corp_id = $1 AND p.unionid = $2 AND p.task_no < $3
        ORDER BY p.task_no DESC LIMIT $4""",
)
OF_EXECUTOR = Query(
    "todos.of_executor",
    f"""SELECT {TODO} FROM todo_people p JOIN todos t ON t.task_no = p.task_no
        WHERE p.corp_id = $1 AND p.unionid = $2 AND p.done = $3 AND p.roles IN (1, 3, 5, 7)
        ORDER BY p.task_no DESC LIMIT $4 OFFSET $5""",
)
COUNT_OPEN = Query(
    "todos.count_open",
    """SELECT count(*) FROM todo_people
       WHERE corp_id = $1 AND unionid = $2 AND done = 0 AND roles IN (1, 3, 5, 7)""",
)
