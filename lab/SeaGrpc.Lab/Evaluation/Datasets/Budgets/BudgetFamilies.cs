namespace SeaGrpc.Lab.Evaluation.Datasets.Budgets;

/// <summary>Which methods are compared at equal tokens, and what tuning tries for each: five settings of every method.</summary>
/// <remarks>
/// The settings that come first had the lowest mean energy of their method on the tuning prompts of docs/results/real-language.
/// Those of the three orders of proposals are as they are for SEA's own. Energy search has its defaults, which start once; with a large
/// budget it starts over. It is tuned without the responses that a server knows.
/// </remarks>
internal static class BudgetFamilies
{
    /// <summary>The temperature of the reference policy: that at which it is served.</summary>
    public const double ReferenceTemperature = 0.7;

    /// <summary>alpha, in nats per reward unit: energies of the tables have it, whatever a method's own weight is.</summary>
    public const double RewardWeight = 8;

    private const string T = "reference_temperature=0.7";

    private const string Metropolis = $"energy-search[{T},acceptance=metropolis,iterations=1000,budget_tokens={{b}}";

    private const string Unknowing = "known_responses=false";

    // As the first tuning was, and everything that it chose.
    private const string AnyEnd = $"{Unknowing},min_end_probability=0";

    /// <summary>One sample of the policy at the temperature that it is served at.</summary>
    public static readonly BudgetFamily Sample = new("one sample", [new($"base[{T}]", 1)]);

    /// <summary>Whose seconds the others' are held against.</summary>
    public static readonly BudgetFamily BestOfN = new(
        "best_of_n",
        [
            new($"best-of-{{n}}[{T},sampling_temperature=0.7]", 14), new($"best-of-{{n}}[{T}]", 14),
            new($"best-of-{{n}}[{T},sampling_temperature=0.85]", 14), new($"best-of-{{n}}[{T},sampling_temperature=0.6]", 14),
            new($"best-of-{{n}}[{T},sampling_temperature=0.5]", 14),
        ]);

    /// <summary>The method that the others are compared with.</summary>
    public static readonly BudgetFamily EnergySearch =
        new("energy_search", [new($"energy-search[{T},budget_tokens={{b}}{{r}}]", 1)]) { IsCompared = true };

    /// <summary>Energy search that does not start from responses that the server knows, and may end anywhere.</summary>
    public static readonly BudgetFamily UnknowingSearch = new(
        "energy_search, no known answers, any end",
        [
            new($"energy-search[{T},budget_tokens={{b}}{{r}},{AnyEnd}]", 1),
            new($"energy-search[{T},budget_tokens={{b}}{{r}},reward_weight=12,{AnyEnd}]", 1),
            new($"energy-search[{T},budget_tokens={{b}}{{r}},samples_per_beam=2,{AnyEnd}]", 1),
            new($"energy-search[{T},budget_tokens={{b}}{{r}},beam_width=4,candidates=16,{AnyEnd}]", 1),
            new($"energy-search[{T},budget_tokens={{b}}{{r}},enumerated_tokens=8,{AnyEnd}]", 1),
        ]);

    /// <summary>Every method, in the order of the tables.</summary>
    public static IReadOnlyList<BudgetFamily> All { get; } =
    [
        Sample,
        BestOfN,
        new(
            "chunk_beam_search",
            [
                new($"cbs-{{w}}x{{k}}-10[{T},temperature=0.5]", 16), new($"cbs-{{w}}x{{k}}-10[{T}]", 16),
                new($"cbs-{{w}}x{{k}}-10[{T},temperature=1]", 16), new($"cbs-{{w}}x{{k}}-6[{T}]", 16), new($"cbs-2x{{h}}-10[{T}]", 16),
            ]),
        new(
            "args",
            [
                new($"args-k{{n}}-w1[{T}]", 10), new($"args-k{{n}}-w4[{T}]", 10), new($"args-k{{n}}-w2[{T}]", 10),
                new($"args-k{{n}}-w8[{T}]", 10), new($"args-k{{n}}-w0.5[{T}]", 10),
            ]),
        Substitutions("sea", ""),
        Substitutions("sea, gradient order", ",proposal_order=gradient"),
        Substitutions("sea, policy order", ",proposal_order=policy"),
        Substitutions("sea, random order", ",proposal_order=random"),
        new(
            "sea, Langevin",
            [
                new($"sea-langevin[{T},sampling_temperature=0.7,chains=1,iterations={{n}},draft_samples=4]", 4),
                new($"sea-langevin[{T},sampling_temperature=0.7,chains=1,iterations={{n}}]", 5),
                new($"sea-langevin[{T},sampling_temperature=0.7,chains=1,iterations={{n}},step_size=1]", 5),
                new($"sea-paper[{T},sampling_temperature=0.7,chains=1,iterations={{n}},reward_weight=8]", 5),
                new($"sea-paper[{T},sampling_temperature=0.7,chains=1,iterations={{n}},reward_weight=8,step_size=30]", 5),
            ]),
        new(
            "suffix Metropolis-Hastings (QAlign)",
            [
                new($"{Metropolis},{AnyEnd}]", 1), new($"{Metropolis},reward_weight=4,{AnyEnd}]", 1),
                new($"{Metropolis},reward_weight=12,{AnyEnd}]", 1), new($"{Metropolis},reward_weight=16,{AnyEnd}]", 1),
                new($"{Metropolis},reward_weight=32,{AnyEnd}]", 1),
            ]),
        new("energy_search, no known answers", [new($"energy-search[{T},budget_tokens={{b}},{Unknowing}]", 1)]),
        new("energy_search, one start", [new($"energy-search[{T},budget_tokens={{b}}]", 1)]) { LeastBudget = ScaledMethod.LargeBudget },
        UnknowingSearch,
        EnergySearch,
        new("best_of_n, known answers", [new($"best-of-{{n}}[{T},sampling_temperature=0.7,max_fluency_loss=100]", 14)])
        {
            BringsRefusal = true,
        },
    ];

    /// <summary>The family of a name in the tables; null where there is none.</summary>
    public static BudgetFamily? Named(string name) => All.FirstOrDefault(family => family.Name == name);

    // Orders of the proposals are tuned over the same settings.
    private static BudgetFamily Substitutions(string name, string order) => new(
        name,
        [
            new($"sea[{T},sampling_temperature=0.5,iterations={{n}}{order}]", 1),
            new($"sea[{T},sampling_temperature=0.7,iterations={{n}}{order}]", 1), new($"sea[{T},iterations={{n}}{order}]", 1),
            new($"sea[{T},sampling_temperature=0.7,iterations={{n}},draft_samples=8{order}]", 1),
            new($"sea[{T},sampling_temperature=0.7,iterations={{n}},proposals=6{order}]", 2),
        ]);
}
