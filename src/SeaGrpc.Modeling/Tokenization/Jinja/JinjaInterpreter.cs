using System.Text;

namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Renders a parsed template once, within a budget.</summary>
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
        new JinjaGlobals(_budget, _evaluator.Operators, clock).Define(globals);
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
                RunFor(loop, _evaluator.Evaluate(loop.Items, scope), 0, scope);
                return Jump.None;
            case JinjaSet set:
                Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope);
                return Jump.None;
            case JinjaBlockSet set:
                Assign(set.Target, Filter(set.Filtered, Capture(set.Body, scope), scope), scope);
                return Jump.None;
            case JinjaWith with:
                return RunWith(with, scope);
            case JinjaMacro macro:
                scope.Set(macro.Name, new JinjaMacroValue(macro, variables => RunMacro(macro.Body, variables, scope)));
                return Jump.None;
            case JinjaFilterBlock filter:
                Write(JinjaFormat.ToText(Filter(filter.Filtered, Capture(filter.Statements, scope), scope), _budget));
                return Jump.None;
            case JinjaCallBlock block:
                RunCall(block, scope);
                return Jump.None;
            case JinjaGroup group:
                return Run(group.Body, scope);
            case JinjaGeneration generation:
                return Run(generation.Body, new JinjaScope(scope));
            case JinjaDo action:
                _evaluator.Evaluate(action.Value, scope);
                return Jump.None;
            case JinjaJump jump:
                return jump.Ends ? Jump.Break : Jump.Continue;
            default:
                throw new InvalidOperationException($"{statement.GetType().Name} is not a statement that can be run.");
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

    private Jump RunWith(JinjaWith with, JinjaScope scope)
    {
        var inner = new JinjaScope(scope);
        foreach (var (target, value) in with.Variables)
        {
            Assign(target, _evaluator.Evaluate(value, scope), inner);
        }

        return Run(with.Body, inner);
    }

    private void RunFor(JinjaFor block, object? value, int depth, JinjaScope scope)
    {
        // The condition sees the item. The loop counts only items that pass it.
        var items = new List<object?>();
        foreach (var item in _evaluator.Operators.Items(value))
        {
            if (block.Condition is null || JinjaOperators.IsTrue(_evaluator.Evaluate(block.Condition, Bind(block, item, scope))))
            {
                items.Add(item);
            }
        }

        if (items.Count == 0)
        {
            Run(block.Otherwise, new JinjaScope(scope));
            return;
        }

        var loop = new JinjaLoop(items, depth, block.IsRecursive ? Recurse : null, _evaluator.Operators);
        for (; loop.Index < items.Count; loop.Index++)
        {
            var inner = Bind(block, items[loop.Index], scope);
            inner.Set("loop", loop);
            if (Run(block.Body, inner) == Jump.Break)
            {
                return;
            }
        }

        string Recurse(object? deeper, int level)
        {
            _budget.Enter();
            var text = Capture(() => RunFor(block, deeper, level, scope));
            _budget.Leave();
            return text;
        }
    }

    private JinjaScope Bind(JinjaFor loop, object? item, JinjaScope scope)
    {
        var inner = new JinjaScope(scope);
        Assign(loop.Target, item, inner);
        return inner;
    }

    private void Assign(JinjaTarget target, object? value, JinjaScope scope)
    {
        if (target.Parts is { } parts)
        {
            var values = _evaluator.Operators.Items(value);
            if (values.Count != parts.Count)
            {
                throw JinjaFault.Because($"{values.Count} values are given to {parts.Count} names");
            }

            for (var i = 0; i < parts.Count; i++)
            {
                Assign(parts[i], values[i], scope);
            }
        }
        else if (target.Attribute is null)
        {
            scope.Set(target.Name!, value);
        }
        else if (scope.Get(target.Name!) is JinjaNamespace space)
        {
            space.Attributes[target.Attribute] = value;
        }
        else
        {
            throw JinjaFault.Because($"'{target.Name}' is no namespace, so its attribute '{target.Attribute}' cannot be set");
        }
    }

    private object? Filter(JinjaExpression filtered, string text, JinjaScope scope)
    {
        var inner = new JinjaScope(scope);
        inner.Set(JinjaFilterBlock.Body, text);
        return _evaluator.Evaluate(filtered, inner);
    }

    private void RunCall(JinjaCallBlock block, JinjaScope scope)
    {
        var callee = _evaluator.Evaluate(block.Call.Callee, scope);
        var arguments = _evaluator.Values(block.Call.Arguments, scope);
        var caller = new JinjaMacroValue(block.Body, variables => RunMacro(block.Body.Body, variables, scope));
        var named = new Dictionary<string, object?>(arguments.Named, StringComparer.Ordinal) { [JinjaCallBlock.Caller] = caller };
        if (callee is not JinjaObject)
        {
            throw callee is JinjaUndefined undefined
                ? undefined.Fault()
                : JinjaFault.Because("a call block calls something that is not a macro");
        }

        Write(JinjaFormat.ToText(_evaluator.Call(callee, arguments with { Named = named }), _budget));
    }

    private string RunMacro(
        IReadOnlyList<JinjaStatement> body, IEnumerable<(string Name, object? Value, JinjaExpression? Default)> variables, JinjaScope outer)
    {
        var scope = new JinjaScope(outer);
        foreach (var (name, value, otherwise) in variables)
        {
            scope.Set(name, otherwise is null ? value : _evaluator.Evaluate(otherwise, scope));
        }

        return Capture(body, scope);
    }

    private string Capture(IReadOnlyList<JinjaStatement> body, JinjaScope scope) => Capture(() => Run(body, new JinjaScope(scope)));

    private string Capture(Action write)
    {
        var outer = _output;
        _output = new StringBuilder();
        write();
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
