"""A tool whose arguments nobody can read takes them all in one mapping, by wire name."""

from blank_and_foreign_inputs_sdk import blank_and_foreign_inputs as server

server.only_dialect(arguments={"path": "x"})
server.wrapped_camel(arguments={"path": "x"})
server.zod_3(arguments={"path": "x"})
server.shape_of_schemas(arguments={"path": "x"})
server.php_without_arguments()
