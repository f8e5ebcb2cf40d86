namespace Functional.Torch;

// Numbers drawn from distributions, number for number as PyTorch's processor generator draws them.
public static partial class torch
{
    /// <summary>Positions drawn with these (not normalised) probabilities along the last dimension.</summary>
    public static Tensor multinomial(Tensor input, long num_samples, bool replacement = false, Generator? generator = null) =>
        new(Distributions.multinomial(From(generator), Convert.Int(num_samples), replacement, input.Core));

    /// <summary>Positions drawn with these (not normalised) probabilities along the last dimension.</summary>
    public static Tensor multinomial(Tensor input, long num_samples, Tensor @out, bool replacement = false, Generator? generator = null) =>
        (@out.dtype == ScalarType.Int64 ? @out : throw new DtypeException($"multinomial expects Long tensor out, got: {Named(@out)}")).Receive(multinomial(input, num_samples, replacement, generator));

    /// <summary>Numbers of events, each at its own rate.</summary>
    public static Tensor poisson(Tensor input, Generator? generator = null) => new(Distributions.poisson(From(generator), input.Core));

    /// <summary>Numbers of successes among so many trials, each with its own probability.</summary>
    public static Tensor binomial(Tensor count, Tensor prob, Generator? generator = null) => new(Distributions.binomial(From(generator), count.Core, prob.Core));

    public partial class Tensor
    {
        /// <summary>Positions drawn with these (not normalised) probabilities along the last dimension.</summary>
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => torch.multinomial(this, num_samples, replacement, generator);

        /// <summary>Overwrites all elements with waiting times at a rate.</summary>
        public Tensor exponential_(double lambd = 1, Generator? generator = null) =>
            lambd < 0 ? throw new ArgumentValueException($"exponential_ expects lambda >= 0.0, but found lambda={lambd}")
                : Drawn_("exponential_", sizes => Distributions.exponential(From(generator), value.Backend, value.Dtype, sizes, lambd));

        /// <summary>Overwrites all elements with numbers of trials until a success of probability p.</summary>
        public Tensor geometric_(double p, Generator? generator = null) =>
            p is <= 0 or >= 1 ? throw new ArgumentValueException($"geometric_ expects p to be in (0, 1), but got p={p}")
                : Drawn_("geometric_", sizes => Distributions.geometric(From(generator), value.Backend, value.Dtype, sizes, p));

        /// <summary>Overwrites all elements with exponentials of normal numbers.</summary>
        public Tensor log_normal_(double mean = 1, double std = 2, Generator? generator = null) =>
            std <= 0 ? throw new ArgumentValueException($"log_normal_ expects std > 0.0, but found std={std}")
                : Drawn_("log_normal_", sizes => Distributions.logNormal(From(generator), value.Backend, value.Dtype, sizes, mean, std));

        /// <summary>Overwrites all elements with numbers of a Cauchy distribution.</summary>
        public Tensor cauchy_(double median = 0, double sigma = 1, Generator? generator = null) =>
            sigma <= 0 ? throw new ArgumentValueException($"cauchy_ expects sigma > 0.0, but found sigma={sigma}")
                : Drawn_("cauchy_", sizes => Distributions.cauchy(From(generator), value.Backend, value.Dtype, sizes, median, sigma));

        /// <summary>Overwrites all elements with integers that the dtype holds exactly.</summary>
        public Tensor random_(Generator? generator = null) => Drawn_("random_", sizes => Distributions.anyInteger(From(generator), value.Backend, value.Dtype, sizes));

        /// <summary>Overwrites all elements with integers in [from, to).</summary>
        public Tensor random_(long from, long to, Generator? generator = null) =>
            from >= to ? throw new ArgumentValueException($"random_ expects 'from' to be less than 'to', but got from={from} >= to={to}")
                : Drawn_("random_", sizes => Drawing.integersBetween(From(generator), value.Backend, value.Dtype, sizes, from, to));

        /// <summary>Overwrites all elements with integers in [0, to).</summary>
        public Tensor random_(long to, Generator? generator = null) => random_(0, to, generator);
    }
}
