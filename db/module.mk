# The only home of SQL: one file per table, numbered migrations.
db_USES := common
db_PKGS := sqlite3 jansson
