using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Renders a parsed template once, inside a budget.</summary>
internal sealed class JinjaInterpreter
{
    private readonly JinjaBudget _budget = new();
    private readonly JinjaEvaluator _evaluator;
    private readonly JinjaScope _topLevel;

    private StringBuilder _output = new();

    private JinjaInterpreter(IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider clock)
    {
        _evaluator = new JinjaEvaluator(_budget);
        var globals = new JinjaScope(null);
        JinjaGlobals.Define(globals, clock);
        foreach (var (name, value) in variables)
        {
            globals.Set(name, value);
        }

        _topLevel = new JinjaScope(globals);
    }

    // How a list of statements ended.
    private enum Jump
    {
        None,
        Break,
        Continue,
    }

    internal static string Render(
        IReadOnlyList<JinjaStatement> template, IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider clock)
    {
        var interpreter = new JinjaInterpreter(variables, clock);
        interpreter.Run(template, interpreter._topLevel);
        return interpreter._output.ToString();
    }

    private Jump Run(IReadOnlyList<JinjaStatement> statements, JinjaScope scope)
    {
        _budget.Enter();
        var jump = Jump.None;
        for (var i = 0; i < statements.Count && jump == Jump.None; i++)
        {
            _budget.Spend();
            jump = Run(statements[i], scope);
        }

        _budget.Leave();
        return jump;
    }

    private Jump Run(JinjaStatement statement, JinjaScope scope)
    {
        switch (statement)
        {
            case JinjaText text:
                Write(text.Text);
                return Jump.None;
            case JinjaOutput output:
                Write(JinjaFormat.ToText(_evaluator.Evaluate(output.Value, scope), _budget));
                return Jump.None;
            case JinjaIf choice:
                return RunIf(choice, scope);
            case JinjaFor loop:
                RunFor(loop, scope);
                return Jump.None;
            case JinjaSet set:
                Assign(set, scope);
                return Jump.None;
            case JinjaBlockSet set:
                scope.Set(set.Name, Capture(set.Body, scope));
                return Jump.None;
            case JinjaMacro macro:
                scope.Set(macro.Name, new JinjaFunction(arguments => CallMacro(macro, arguments, _topLevel)));
                return Jump.None;
            case JinjaFilterBlock filter:
                var inner = new JinjaScope(scope);
                inner.Set(JinjaFilterBlock.Body, Capture(filter.Statements, scope));
                Write(JinjaFormat.ToText(_evaluator.Evaluate(filter.Filtered, inner), _budget));
                return Jump.None;
            case JinjaCallBlock block:
                RunCall(block, scope);
                return Jump.None;
            case JinjaGeneration generation:
                return Run(generation.Body, scope);
            case JinjaDo action:
                _evaluator.Evaluate(action.Value, scope);
                return Jump.None;
            case JinjaJump jump:
                return jump.Ends ? Jump.Break : Jump.Continue;
            default:
                throw new InvalidOperationException($"{statement.GetType().Name} is no statement that can be run.");
        }
    }

    private Jump RunIf(JinjaIf choice, JinjaScope scope)
    {
        foreach (var (condition, body) in choice.Branches)
        {
            if (JinjaOperators.IsTrue(_evaluator.Evaluate(condition, scope)))
            {
                return Run(body, scope);
            }
        }

        return Run(choice.Otherwise, scope);
    }

    private void RunFor(JinjaFor loop, JinjaScope scope)
    {
        // The condition sees the item, and loop counts only the items that pass it.
        var items = new List<object?>();
        foreach (var item in _evaluator.Operators.Items(_evaluator.Evaluate(loop.Items, scope)))
        {
            if (loop.Condition is null || JinjaOperators.IsTrue(_evaluator.Evaluate(loop.Condition, Bind(loop, item, scope))))
            {
                items.Add(item);
            }
        }

        if (items.Count == 0)
        {
            Run(loop.Otherwise, scope);
            return;
        }

        for (var i = 0; i < items.Count; i++)
        {
            var inner = Bind(loop, items[i], scope);
            inner.Set("loop", JinjaGlobals.Loop(items, i));
            if (Run(loop.Body, inner) == Jump.Break)
            {
                return;
            }
        }
    }

    private JinjaScope Bind(JinjaFor loop, object? item, JinjaScope scope)
    {
        var inner = new JinjaScope(scope);
        SetNames(loop.Names, item, inner);
        return inner;
    }

    private void SetNames(IReadOnlyList<string> names, object? value, JinjaScope scope)
    {
        if (names.Count == 1)
        {
            scope.Set(names[0], value);
            return;
        }

        var parts = _evaluator.Operators.Items(value);
        if (parts.Count != names.Count)
        {
            throw JinjaOperators.Fault($"{parts.Count} values are given to {names.Count} names");
        }

        for (var i = 0; i < names.Count; i++)
        {
            scope.Set(names[i], parts[i]);
        }
    }

    private void Assign(JinjaSet set, JinjaScope scope)
    {
        var value = _evaluator.Evaluate(set.Value, scope);
        if (set.Attribute is null)
        {
            SetNames(set.Names, value, scope);
        }
        else if (scope.Get(set.Names[0]) is JinjaMap { IsNamespace: true } target)
        {
            target[set.Attribute] = value;
        }
        else
        {
            throw JinjaOperators.Fault($"'{set.Names[0]}' is no namespace, so its attribute '{set.Attribute}' cannot be set");
        }
    }

    private void RunCall(JinjaCallBlock block, JinjaScope scope)
    {
        if (_evaluator.Evaluate(block.Call.Callee, scope) is not JinjaFunction macro)
        {
            throw JinjaOperators.Fault("a call block calls something that is no macro");
        }

        var arguments = _evaluator.Values(block.Call.Arguments, scope);
        var caller = new JinjaFunction(values => CallMacro(block.Body, values, scope));
        var named = new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal) { [JinjaCallBlock.Caller] = caller };
        Write(JinjaFormat.ToText(macro(new JinjaValues(arguments.Positional, named)), _budget));
    }

    private string CallMacro(JinjaMacro macro, JinjaValues arguments, JinjaScope outer)
    {
        var scope = new JinjaScope(outer);
        if (arguments.Named.TryGetValue(JinjaCallBlock.Caller, out var caller))
        {
            scope.Set(JinjaCallBlock.Caller, caller);
        }

        if (arguments.Positional.Count > macro.Parameters.Count)
        {
            throw JinjaOperators.Fault($"the macro '{macro.Name}' is given {arguments.Positional.Count} arguments");
        }

        for (var i = 0; i < macro.Parameters.Count; i++)
        {
            var (name, otherwise) = macro.Parameters[i];
            var missing = new JinjaUndefined(name);
            var value = arguments.Get(i, name, missing);
            scope.Set(name, value == (object)missing && otherwise is not null ? _evaluator.Evaluate(otherwise, scope) : value);
        }

        return Capture(macro.Body, scope);
    }

    private string Capture(IReadOnlyList<JinjaStatement> body, JinjaScope scope)
    {
        var outer = _output;
        _output = new StringBuilder();
        Run(body, new JinjaScope(scope));
        var text = _output.ToString();
        _output = outer;
        return text;
    }

    private void Write(string text)
    {
        JinjaBudget.CheckLength((long)_output.Length + text.Length);
        _output.Append(_budget.Touch(text));
    }
}
