// What type checkers are told is what the package has: the same names, parameters and forms.
import { pythonIsSetUp, startPython } from "@everdict/testkit";
import { expect, test } from "vitest";
import { installPackage } from "./install-package.ts";

test.skipIf(!pythonIsSetUp(["package"]))(
  "the stub has the methods that the package has",
  async () => {
    using installed = await installPackage();
    await using python = startPython("package", installed.env);
    await python.run(`
import ast, inspect, everdict
from pathlib import Path
from everdict import _dict, _modal_dict, _transaction

directory = Path(everdict.__file__).parent
stub = ast.parse((directory / "__init__.pyi").read_text())
classes = {each.name: each for each in stub.body if isinstance(each, ast.ClassDef)}

def told(function):
    a = function.args
    plain = [*a.posonlyargs, *a.args]
    optional = [False] * (len(plain) - len(a.defaults)) + [True] * len(a.defaults)
    rest = [("*" + a.vararg.arg, True)] if a.vararg else []
    last = [("**" + a.kwarg.arg, True)] if a.kwarg else []
    named = [("=" + each.arg, default is not None) for each, default in zip(a.kwonlyargs, a.kw_defaults)]
    parameters = [(each.arg, has) for each, has in zip(plain, optional)][1:] + rest + named + last
    marks = {each.id for each in function.decorator_list}
    return ("call" if "_call" in marks else "walk" if "_walk" in marks else "plain"), parameters

def real(member):
    function = getattr(member, "__func__", member)
    is_static = isinstance(member, staticmethod)
    if isinstance(function, property):
        return "plain", []
    marks = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**", inspect.Parameter.KEYWORD_ONLY: "="}
    found = list(inspect.signature(function).parameters.values())[0 if is_static else 1 :]
    parameters = [
        (marks.get(each.kind, "") + each.name, bool(marks.get(each.kind, "").strip("=")) or each.default is not each.empty)
        for each in found
    ]
    kinds = {"call": inspect.iscoroutinefunction(function), "walk": inspect.isasyncgenfunction(function)}
    return next((kind for kind, holds in kinds.items() if holds), "plain"), parameters

def compare(name, kind):
    members = {n: m for each in reversed(kind.__mro__) for n, m in vars(each).items() if each is not object}
    methods = {n: real(m) for n, m in members.items() if not n.startswith("_") and (callable(m) or hasattr(m, "__func__") or isinstance(m, property))}
    declared = {each.name: told(each) for each in classes[name].body if isinstance(each, ast.FunctionDef)}
    declared = {n: each for n, each in declared.items() if not n.startswith("_")}
    return [len(methods) > 2, [n for n in {*methods, *declared} if methods.get(n) != declared.get(n)]]
`);
    const compare = async (name: string, kind: string) =>
      (await python.run(`compare(name, ${kind})`, { variables: { name } })).json;
    expect(await compare("Dict", "_dict._Dict")).toEqual([true, []]);
    expect(await compare("Transaction", "_transaction._Transaction")).toEqual([true, []]);
    expect(await compare("_DictManager", "_modal_dict._DictManager")).toEqual([true, []]);
    const { json } = await python.run(`
imported = {each.asname for node in stub.body if isinstance(node, ast.ImportFrom) for each in node.names}
[(directory / "py.typed").exists(), [name for name in everdict.__all__ if name not in imported | set(classes)]]`);
    expect(json).toEqual([true, []]);
  },
  60_000,
);
