"""The schema as clients see it: committed as it is printed, described throughout, and never narrower than promised."""

from collections.abc import Iterator
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    introspection_types,
    is_specified_scalar_type,
    print_ast,
)

from schema.build import sdl

ROOT = Path(__file__).parents[2]
CONTRACT = build_schema((ROOT / "tests" / "cases" / "contract.graphql").read_text(encoding="utf-8"))
OURS = build_schema(sdl())


def own_types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    """The types of a schema without those that every GraphQL schema has."""
    for name, type_ in schema.type_map.items():
        if name not in introspection_types and not is_specified_scalar_type(type_):
            yield type_


def signatures(schema: GraphQLSchema) -> set[str]:
    """Every field, argument, input field and enum value with its type, nullability and default, a line each."""
    found = set()
    for type_ in own_types(schema):
        found.add(f"{type(type_).__name__} {type_.name}")
        if isinstance(type_, GraphQLEnumType):
            found |= {f"{type_.name}.{value}" for value in type_.values}
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                found.add(f"{type_.name}.{name}: {field.type}")
                found |= {f"{type_.name}.{name}({_input(key, arg)})" for key, arg in field.args.items()}
        if isinstance(type_, GraphQLInputObjectType):
            found |= {f"{type_.name}.{_input(name, field)}" for name, field in type_.fields.items()}
    return found


def _input(name: str, value: object) -> str:
    node = value.ast_node  # type: ignore[attr-defined]  # an argument or an input field, read from SDL
    default = f" = {print_ast(node.default_value)}" if node.default_value else ""
    return f"{name}: {print_ast(node.type)}{default}"


def undescribed(schema: GraphQLSchema) -> Iterator[str]:
    """What has no description."""
    for type_ in own_types(schema):
        if not type_.description:
            yield type_.name
        if isinstance(type_, GraphQLEnumType):
            yield from (f"{type_.name}.{name}" for name, value in type_.values.items() if not value.description)
        elif isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                if not field.description:
                    yield f"{type_.name}.{name}"
                for key, arg in field.args.items():
                    if not arg.description:
                        yield f"{type_.name}.{name}({key})"
        elif isinstance(type_, GraphQLInputObjectType):
            yield from (f"{type_.name}.{name}" for name, field in type_.fields.items() if not field.description)


def test_the_committed_schema_is_the_printed_one() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")

    assert committed == sdl(), "write what `salable schema` prints to schema/schema.graphql"


def test_everything_is_described() -> None:
    assert list(undescribed(OURS)) == []


def test_nothing_that_clients_were_promised_is_broken() -> None:
    assert find_breaking_changes(CONTRACT, OURS) == []


def test_everything_promised_has_its_very_type_nullability_and_default() -> None:
    assert sorted(signatures(CONTRACT) - signatures(OURS)) == []


def test_enum_values_stand_in_the_promised_order() -> None:
    for type_ in own_types(CONTRACT):
        if isinstance(type_, GraphQLEnumType):
            ours = OURS.type_map[type_.name]
            assert isinstance(ours, GraphQLEnumType)
            assert [value for value in ours.values if value in type_.values] == list(type_.values), type_.name
