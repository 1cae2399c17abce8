namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>Evaluates expressions.</summary>
internal sealed class JinjaEvaluator
{
    private readonly JinjaBudget _budget;
    private readonly JinjaTests _tests;
    private readonly JinjaFilters _filters;
    private readonly JinjaLookup _lookup;

    internal JinjaEvaluator(JinjaBudget budget)
    {
        _budget = budget;
        Operators = new JinjaOperators(budget);
        _tests = new JinjaTests(budget, Operators);
        _lookup = new JinjaLookup(budget);
        _filters = new JinjaFilters(budget, Operators, _tests, _lookup);
    }

    internal JinjaOperators Operators { get; }

    internal object? Evaluate(JinjaExpression expression, JinjaScope scope)
    {
        _budget.Enter();
        var value = expression switch
        {
            JinjaLiteral literal => literal.Value,
            JinjaVariable variable => scope.Get(variable.Name),
            JinjaListDisplay { IsTuple: true } tuple => new JinjaTuple([.. tuple.Items.Select(item => Evaluate(item, scope))]),
            JinjaListDisplay list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
            JinjaMapDisplay map => MakeMap(map, scope),
            JinjaAttribute attribute => _lookup.Attribute(Evaluate(attribute.Target, scope), attribute.Name),
            JinjaIndex index => _lookup.Item(Evaluate(index.Target, scope), Evaluate(index.Index, scope)),
            JinjaSlice slice => _lookup.Slice(
                Evaluate(slice.Target, scope), EvaluateIfAny(slice.Start, scope), EvaluateIfAny(slice.Stop, scope),
                EvaluateIfAny(slice.Step, scope)),
            JinjaCall call => Call(Evaluate(call.Callee, scope), Values(call.Arguments, scope)),
            JinjaFilter filter => _filters.Apply(filter.Name, Evaluate(filter.Target, scope), Values(filter.Arguments, scope)),
            JinjaTest test => _tests.Apply(test.Name, Evaluate(test.Target, scope), Values(test.Arguments, scope)),
            JinjaUnary { Operator: "not" } unary => !JinjaOperators.IsTrue(Evaluate(unary.Operand, scope)),
            JinjaUnary unary => JinjaOperators.ApplySign(unary.Operator, Evaluate(unary.Operand, scope)),
            JinjaBinary binary => ApplyBinary(binary, scope),
            JinjaComparison comparison => Compare(comparison, scope),
            JinjaConditional conditional => JinjaOperators.IsTrue(Evaluate(conditional.Condition, scope))
                ? Evaluate(conditional.Value, scope)
                : conditional.Otherwise is null ? new JinjaUndefined("else") : Evaluate(conditional.Otherwise, scope),
            _ => throw new InvalidOperationException($"{expression.GetType().Name} is not an expression that can be evaluated."),
        };
        _budget.Leave();
        return value;
    }

    internal object? Call(object? callee, JinjaValues arguments) => callee switch
    {
        JinjaObject item => _budget.Touch(item.Call(arguments)),
        JinjaUndefined undefined => throw undefined.Fault(),
        _ => throw JinjaFault.Because($"{JinjaFault.KindOf(callee)} cannot be called"),
    };

    internal JinjaValues Values(JinjaArguments arguments, JinjaScope scope)
    {
        if (ReferenceEquals(arguments, JinjaArguments.None))
        {
            return JinjaValues.None;
        }

        List<object?> positional = [.. arguments.Positional.Select(value => Evaluate(value, scope))];
        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Named)
        {
            named[name] = Evaluate(value, scope);
        }

        if (arguments.Items is not null)
        {
            positional.AddRange(Operators.Items(Evaluate(arguments.Items, scope)));
        }

        if (arguments.Pairs is not null)
        {
            var map = Evaluate(arguments.Pairs, scope) as JinjaMap ?? throw JinjaFault.Because("what follows '**' is not a mapping");
            foreach (var (key, value) in map.Pairs)
            {
                if (!named.TryAdd(PythonText.Of(key) ?? throw JinjaFault.Because("what follows '**' has a key that is not text"), value))
                {
                    throw JinjaFault.Because($"the argument '{key}' is given twice");
                }
            }
        }

        return new JinjaValues(positional, named);
    }

    private object? EvaluateIfAny(JinjaExpression? expression, JinjaScope scope) => expression is null ? null : Evaluate(expression, scope);

    private JinjaMap MakeMap(JinjaMapDisplay display, JinjaScope scope)
    {
        var map = new JinjaMap();
        foreach (var (key, value) in display.Items)
        {
            var name = Evaluate(key, scope);
            map[name] = Evaluate(value, scope);
        }

        return map;
    }

    private object? ApplyBinary(JinjaBinary binary, JinjaScope scope)
    {
        var left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => JinjaOperators.IsTrue(left) ? Evaluate(binary.Right, scope) : left,
            "or" => JinjaOperators.IsTrue(left) ? left : Evaluate(binary.Right, scope),
            "~" => Operators.Concatenate(JinjaFormat.ToText(left, _budget), JinjaFormat.ToText(Evaluate(binary.Right, scope), _budget)),
            _ => Operators.Apply(binary.Operator, left, Evaluate(binary.Right, scope)),
        };
    }

    private bool Compare(JinjaComparison comparison, JinjaScope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (symbol, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            if (!Operators.Holds(symbol, left, right))
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}
