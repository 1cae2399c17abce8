namespace SeaGrpc.Modeling.Tokenization.Jinja;

/// <summary>The values of expressions.</summary>
internal sealed class JinjaEvaluator
{
    private readonly JinjaBudget _budget;
    private readonly JinjaTests _tests;
    private readonly JinjaFilters _filters;
    private readonly JinjaTextMethods _methods;

    internal JinjaEvaluator(JinjaBudget budget)
    {
        _budget = budget;
        Operators = new JinjaOperators(budget);
        _tests = new JinjaTests(Operators);
        _methods = new JinjaTextMethods(budget);
        _filters = new JinjaFilters(budget, Operators, _tests, _methods);
    }

    internal JinjaOperators Operators { get; }

    internal object? Evaluate(JinjaExpression expression, JinjaScope scope)
    {
        _budget.Enter();
        var value = expression switch
        {
            JinjaLiteral literal => literal.Value,
            JinjaVariable variable => scope.Get(variable.Name),
            JinjaListDisplay list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
            JinjaMapDisplay map => MakeMap(map, scope),
            JinjaAttribute attribute => Operators.Index(Evaluate(attribute.Target, scope), attribute.Name),
            JinjaIndex index => Operators.Index(Evaluate(index.Target, scope), Evaluate(index.Index, scope)),
            JinjaSlice slice => Operators.Slice(
                Evaluate(slice.Target, scope), Bound(slice.Start, scope), Bound(slice.Stop, scope), Bound(slice.Step, scope)),
            JinjaCall call => Call(call, scope),
            JinjaFilter filter => _filters.Apply(filter.Name, Evaluate(filter.Target, scope), Values(filter.Arguments, scope)),
            JinjaTest test => _tests.Apply(test.Name, Evaluate(test.Target, scope), Values(test.Arguments, scope)),
            JinjaUnary unary => ApplyUnary(unary, scope),
            JinjaBinary binary => ApplyBinary(binary, scope),
            JinjaComparison comparison => Compare(comparison, scope),
            JinjaConditional conditional => JinjaOperators.IsTrue(Evaluate(conditional.Condition, scope))
                ? Evaluate(conditional.Value, scope)
                : conditional.Otherwise is null ? new JinjaUndefined("else") : Evaluate(conditional.Otherwise, scope),
            _ => throw new InvalidOperationException($"{expression.GetType().Name} is no expression that can be evaluated."),
        };
        _budget.Leave();
        return value;
    }

    private JinjaMap MakeMap(JinjaMapDisplay display, JinjaScope scope)
    {
        var map = new JinjaMap();
        foreach (var (key, value) in display.Items)
        {
            var name = Evaluate(key, scope) as string ?? throw JinjaOperators.Fault("a mapping has a key that is not text");
            map[name] = Evaluate(value, scope);
        }

        return map;
    }

    private long? Bound(JinjaExpression? expression, JinjaScope scope) => expression is null ? null : Evaluate(expression, scope) switch
    {
        null => null,
        long number => number,
        var other => throw JinjaOperators.Fault($"a slice is bounded by {JinjaOperators.KindOf(other)}"),
    };

    private object? Call(JinjaCall call, JinjaScope scope)
    {
        var arguments = Values(call.Arguments, scope);
        object? callee;
        if (call.Callee is JinjaAttribute attribute)
        {
            var target = Evaluate(attribute.Target, scope);
            if (_methods.TryCall(target, attribute.Name, arguments, out var result))
            {
                return _budget.Touch(result);
            }

            callee = Operators.Index(target, attribute.Name);
        }
        else
        {
            callee = Evaluate(call.Callee, scope);
        }

        return callee is JinjaFunction function
            ? _budget.Touch(function(arguments))
            : throw JinjaOperators.Fault($"{JinjaOperators.KindOf(callee)} cannot be called");
    }

    internal JinjaValues Values(JinjaArguments arguments, JinjaScope scope)
    {
        if (arguments.Positional.Count + arguments.Named.Count == 0)
        {
            return JinjaValues.None;
        }

        var named = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in arguments.Named)
        {
            named[name] = Evaluate(value, scope);
        }

        return new JinjaValues([.. arguments.Positional.Select(value => Evaluate(value, scope))], named);
    }

    private object? ApplyUnary(JinjaUnary unary, JinjaScope scope)
    {
        var value = Evaluate(unary.Operand, scope);
        return unary.Operator switch
        {
            "not" => !JinjaOperators.IsTrue(value),
            "-" => JinjaOperators.Negate(value),
            _ => value,
        };
    }

    private object? ApplyBinary(JinjaBinary binary, JinjaScope scope)
    {
        var left = Evaluate(binary.Left, scope);
        return binary.Operator switch
        {
            "and" => JinjaOperators.IsTrue(left) ? Evaluate(binary.Right, scope) : left,
            "or" => JinjaOperators.IsTrue(left) ? left : Evaluate(binary.Right, scope),
            _ => Operators.Apply(binary.Operator, left, Evaluate(binary.Right, scope)),
        };
    }

    private bool Compare(JinjaComparison comparison, JinjaScope scope)
    {
        var left = Evaluate(comparison.First, scope);
        foreach (var (symbol, operand) in comparison.Rest)
        {
            var right = Evaluate(operand, scope);
            var holds = symbol switch
            {
                "==" => Operators.AreEqual(left, right),
                "!=" => !Operators.AreEqual(left, right),
                "in" => Operators.Contains(right, left),
                "not in" => !Operators.Contains(right, left),
                "<" => Operators.Compare(left, right) < 0,
                "<=" => Operators.Compare(left, right) <= 0,
                ">" => Operators.Compare(left, right) > 0,
                _ => Operators.Compare(left, right) >= 0,
            };
            if (!holds)
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}
