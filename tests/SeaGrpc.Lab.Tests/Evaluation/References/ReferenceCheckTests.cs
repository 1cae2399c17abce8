using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Lab.Evaluation.References;

namespace SeaGrpc.Lab.Tests.Evaluation.References;

public sealed class ReferenceCheckTests
{
    private static readonly string[] Formulas =
    [
        "7", "-4", "0.35", ".0025", @"\frac{5}{12}", @"\dfrac{7}{9}", @"\frac34", @"\frac 2 7", @"-\frac{3}{8}",
        @"\frac{45}8\text{ degrees}", @"2\frac{3}{7}",
        @"3\sqrt{7}", @"4\sqrt3", @"\frac{\sqrt{5}}{2}", @"\pi", @"12\pi", @"-\frac{\pi}{3}", @"5 - 2i", @"x^4 - 2x + 1", @"\cot x",
        @"(a+2)(b+3)", "r - s",
        @"70^\circ", @"\$12,\!500", "31,250", @"21,\! 300,\! 400", @"6.5 \text{ cents}", @"72 \mbox{ inches}^2", "43_7", "3120_{4}",
        "(2,-5)", @"\left( 4, \frac{\pi}{3} \right)", "(1,2,-3)", "(2,7]", @"(-\infty, 4)", @"(0,3) \cup (3,8)", "4, 6, 9", "1,-3",
        @"\{2\pm\sqrt{3},-1\}", @"2 \pm \sqrt{7}",
        @"\begin{pmatrix} 1 \\ -2 \\ 3 \end{pmatrix}", @"\begin{pmatrix} -1/2 \\ 3/4 \end{pmatrix}",
        @"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        "x=8", "y = 3x + 4", "2x - 3y + 5 = 0", @"x \in [-3,5]", @"\text{(D)}", @"\text{Maria}", @"\text{north}",
    ];

    [Fact]
    public void Every_formula_is_right_and_every_altered_one_is_wrong()
    {
        DatasetRow[] rows = [.. Formulas.Select((formula, at) => Row(at, formula, $@"Work leads to $\boxed{{{formula}}}.$"))];

        ReferenceCheck check = ReferenceCheck.Run(DatasetSuite.Math, rows);

        Assert.Empty(check.Misjudged.Select(miss => $"{miss.Alteration}: {miss.Answer} for {miss.Row.Reference}"));
        Assert.Equal(Formulas.Length, check.Right);
        Assert.Equal(
            ["bracket", "digit", "element dropped", "elements swapped", "letter", "plus one", "root dropped", "sign", "upside down"],
            check.Altered.Keys);
    }

    [Fact]
    public void Every_number_is_right_and_every_altered_one_is_wrong()
    {
        string[] numbers = ["0", "1", "18", "-10", "2,125", "1,450,000", "3.5", "$70", "25%", "1/2"];
        DatasetRow[] rows = [.. numbers.Select((number, at) => Row(at, number, $"First 3 + 4 = <<3+4=7>>7.\n#### {number}"))];

        ReferenceCheck check = ReferenceCheck.Run(DatasetSuite.Gsm8k, rows);

        Assert.Empty(check.Misjudged);
        Assert.Equal(numbers.Length, check.Right);
        Assert.True(check.Altered.Values.Sum(kind => kind.Count) > 6 * numbers.Length);
    }

    [Fact]
    public void A_solution_with_another_answer_is_misjudged()
    {
        ReferenceCheck check = ReferenceCheck.Run(DatasetSuite.Math, [Row(1, "3", @"\boxed{4}"), Row(2, "5", @"\boxed{5}")]);

        Assert.Equal(1, check.Right);
        Assert.Equal("3", Assert.Single(check.Misjudged).Row.Reference);
    }

    [Fact]
    public void A_suite_without_exact_answers_cannot_be_checked() =>
        Assert.Throws<ArgumentException>(() => ReferenceCheck.Run(DatasetSuite.AdvBench, []));

    private static DatasetRow Row(int line, string reference, string solution) =>
        new($"{line}", line, "?") { Reference = reference, Solution = solution };
}
