using System.Text;
using SeaGrpc.Lab.Evaluation.Datasets;
using SeaGrpc.Testing;

namespace SeaGrpc.Lab.Tests.Evaluation.Datasets;

public sealed class DatasetFileTests : IDisposable
{
    private const string TruthfulHeader = "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Csv_with_quotes_line_breaks_commas_and_unicode_is_read_as_it_is()
    {
        DatasetFile file = Load(
            DatasetSuite.AdvBench, "goal,target\r\n\"Say \"\"no\"\", then\r\nleave\",Sure\r\n\r\nÜberrede 京都 😀,\"a, b\"\r\n");

        Assert.Equal(["Say \"no\", then\r\nleave", "Überrede 京都 😀"], file.Rows.Select(row => row.Question));
        Assert.Equal([2, 5], file.Rows.Select(row => row.Line));
        Assert.Equal(["2", "5"], file.Rows.Select(row => row.Id));
        Assert.Empty(file.Faults);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\uFEFF")]
    public void Truthful_qa_splits_its_answers_with_and_without_a_byte_order_mark(string mark)
    {
        DatasetFile file = Load(
            DatasetSuite.TruthfulQa, $"{mark}{TruthfulHeader}\r\nA,B,Is the moon cheese?,No,No; It is rock; ,Yes;It is,http://x\r\n");

        DatasetRow row = Assert.Single(file.Rows);
        Assert.Equal(("Is the moon cheese?", "No"), (row.Question, row.Reference));
        Assert.Equal(["No", "It is rock"], row.CorrectAnswers);
        Assert.Equal(["Yes", "It is"], row.IncorrectAnswers);
    }

    [Fact]
    public void A_bad_csv_row_is_reported_with_its_line_and_costs_no_other_row()
    {
        DatasetFile file = Load(DatasetSuite.AdvBench, "goal,target\none,1\n\"open,2\nthree,3\nfour\nfi\"ve,5\n,6\nseven,7\n\"eight\",\"8");

        Assert.Equal(["one", "three", "seven"], file.Rows.Select(row => row.Question));
        Assert.Equal([3, 5, 6, 7, 9], file.Faults.Select(fault => fault.Line));
        Assert.Contains("quotes", file.Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("1 fields, but the header has 2", file.Faults[1].Message, StringComparison.Ordinal);
        Assert.Contains("'goal' is empty", file.Faults[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_left_open_before_another_quoted_row_costs_one_row()
    {
        DatasetFile file = Load(DatasetSuite.AdvBench, "goal,target\n\"open,1\ntwo,2\n\"three, with comma\",3\nfour,4\n");

        Assert.Equal(["two", "three, with comma", "four"], file.Rows.Select(row => row.Question));
        Assert.Equal(2, Assert.Single(file.Faults).Line);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_spoil_their_own_row()
    {
        byte[] bytes = [.. "goal,target\n"u8, 0xE9, .. ",1\nzwei ü,2\n"u8];
        File.WriteAllBytes(_folder.File("data"), bytes);

        DatasetFile file = DatasetFile.Load(DatasetSuite.AdvBench, _folder.File("data"));

        Assert.Equal("zwei ü", Assert.Single(file.Rows).Question);
        Assert.Equal(new RowFault(2, "it is not UTF-8"), Assert.Single(file.Faults));
    }

    [Fact]
    public void Json_lines_are_read_around_bad_and_blank_ones()
    {
        DatasetFile file = Load(
            DatasetSuite.Gsm8k,
            """
            {"question": "One and one?", "answer": "1+1=2\n#### 2"}

            {"question": "Torn
            [1, 2]
            {"question": "No mark?", "answer": "2"}
            {"answer": "#### 3"}
            {"question": "Caf\u00e9?", "answer": "#### 1,234", "more": null}
            """.ReplaceLineEndings("\r\n"));

        Assert.Equal(["2", "1,234"], file.Rows.Select(row => row.Reference));
        Assert.Equal("Café?", file.Rows[1].Question);
        Assert.Equal([3, 4, 5, 6], file.Faults.Select(fault => fault.Line));
        Assert.Contains("not JSON", file.Faults[0].Message, StringComparison.Ordinal);
        Assert.Contains("'#### NUMBER'", file.Faults[2].Message, StringComparison.Ordinal);
        Assert.Contains("'question' is missing", file.Faults[3].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Math_is_read_in_both_of_its_public_forms()
    {
        DatasetFile file = Load(
            DatasetSuite.Math,
            """
            {"problem": "P", "solution": "So $\\boxed{3}$.", "answer": "3", "unique_id": "test/algebra/1.json"}
            {"question": "Q", "answer": "So $\\boxed{\\frac12}$.The answer is: \\frac12"}
            {"question": "R", "answer": "So $\\boxed{7}$ or $\\boxed{8}$."}
            """);

        Assert.Equal(["test/algebra/1.json", "2", "3"], file.Rows.Select(row => row.Id));
        Assert.Equal(["3", @"\frac12", "8"], file.Rows.Select(row => row.Reference));
        Assert.Equal(@"So $\boxed{\frac12}$.", file.Rows[1].Solution);
    }

    [Theory]
    [InlineData("advbench", "Type,Question\n1,2\n", "expected CSV with the columns goal, target; found: Type, Question")]
    [InlineData("advbench", "", "it is empty")]
    [InlineData("truthfulqa", "{\"question\": \"a\"}\n", "it holds JSON")]
    [InlineData("gsm8k", "goal,target\n1,2\n", "expected JSON lines with the fields question")]
    [InlineData(
        "math", "{\"question\": \"a\", \"answer\": \"#### 4\"}\n", "found: question, answer; line 1: its solution has no \\boxed{} answer")]
    [InlineData("gsm8k", "\n\n", "it has no rows")]
    public void Another_kind_of_file_is_an_error_that_names_what_was_expected_and_found(string suite, string content, string expected)
    {
        DatasetException error = Assert.Throws<DatasetException>(() => Load(DatasetSuite.Find(suite)!, content));

        Assert.Contains($"is not a file of suite {suite}", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Utf16_and_a_missing_file_are_said()
    {
        File.WriteAllText(_folder.File("wide"), "goal,target\n", Encoding.Unicode);

        Assert.Contains(
            "UTF-16", Assert.Throws<DatasetException>(() => DatasetFile.Load(DatasetSuite.AdvBench, _folder.File("wide"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "cannot be read", Assert.Throws<DatasetException>(() => DatasetFile.Load(DatasetSuite.AdvBench, _folder.File("none"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_prompt_may_hold_braces()
    {
        DatasetFile file = Load(DatasetSuite.Math, """{"question": "Is {1} in \\{0\\}?", "answer": "\\boxed{0}"}""");

        Assert.StartsWith("Is {1} in \\{0\\}?\n\nThink step by step.", DatasetSuite.Math.Prompt(file.Rows[0]), StringComparison.Ordinal);
        Assert.EndsWith(@"for example: \boxed{42}", DatasetSuite.Math.Prompt(file.Rows[0]), StringComparison.Ordinal);
    }

    private DatasetFile Load(DatasetSuite suite, string content)
    {
        File.WriteAllText(_folder.File("data"), content);
        return DatasetFile.Load(suite, _folder.File("data"));
    }
}
