namespace Functional.Torch;

public static partial class torch
{
    /// <summary>A source of random numbers: PyTorch's generator for the processor, number for number.</summary>
    public sealed class Generator
    {
        static readonly Generator ofProcess = new();
        [ThreadStatic] static Generator? ofThread;

        /// <summary>Where numbers come from if nobody says otherwise: the generator of the process, or that of a loader's worker.</summary>
        internal static Generator Default => ofThread ?? ofProcess;

        /// <summary>Runs a function in which the default generator is another one.</summary>
        internal static T Within<T>(Generator generator, Func<T> run)
        {
            var before = ofThread;
            ofThread = generator;
            try { return run(); }
            finally { ofThread = before; }
        }

        internal MersenneTwister Source { get; }

        /// <summary>A generator from a seed.</summary>
        public Generator(ulong seed = 67280421310721) => Source = new MersenneTwister(seed);

        /// <summary>Starts again from a seed.</summary>
        public Generator manual_seed(long seed)
        {
            Source.Restart((ulong)seed);
            return this;
        }

        /// <summary>The seed it was started from.</summary>
        public long initial_seed() => (long)Source.Seed;

        /// <summary>Seed, words and what waits, as PyTorch keeps them in 5056 bytes.</summary>
        public Tensor get_state() => tensor(GeneratorState.toBytes(Source), ScalarType.Byte);

        /// <summary>Goes on from a state that get_state gave, here or in PyTorch.</summary>
        public Generator set_state(Tensor new_state)
        {
            if (new_state.dtype != ScalarType.Byte) throw new DtypeException("RNG state must be a torch.ByteTensor");
            GeneratorState.restore(Source, Creation.toBytes(new_state.Core));
            return this;
        }
    }

    /// <summary>The state of the default generator, as PyTorch keeps it in bytes.</summary>
    public static Tensor get_rng_state() => Generator.Default.get_state();
    /// <summary>Brings the default generator into a state that get_rng_state gave, here or in PyTorch.</summary>
    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    static MersenneTwister From(Generator? generator) => (generator ?? Generator.Default).Source;

    /// <summary>Starts the default generator again from a seed.</summary>
    public static Generator manual_seed(long seed) => Generator.Default.manual_seed(seed);
    /// <summary>The seed of the default generator.</summary>
    public static long initial_seed() => Generator.Default.initial_seed();

    /// <summary>The default generator.</summary>
    public static class random
    {
        /// <summary>The state of the default generator, as PyTorch keeps it in bytes.</summary>
        public static Tensor get_rng_state() => torch.get_rng_state();
        /// <summary>Brings the default generator into a state that get_rng_state gave.</summary>
        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
        /// <summary>Starts the default generator again from a seed.</summary>
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
    }

    static Dtype Drawn(ScalarType? dtype, string name)
    {
        var core = dtype.OrDefault();
        return Dtypes.isDifferentiable(core) ? core : throw new DtypeException($"\"{name}\" not implemented for '{Dtypes.scalarTypeName(core)}'");
    }

    /// <summary>Uniform numbers in [0, 1).</summary>
    [Forms(Forms.Sizes | Forms.Out)]
    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Made(Drawing.uniform(From(generator), Device.On(device), Drawn(dtype, "check_uniform_bounds"), Sizes(size), 0, 1), requires_grad);

    /// <summary>Standard normal numbers.</summary>
    [Forms(Forms.Sizes | Forms.Out)]
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Made(Drawing.normal(From(generator), Device.On(device), Drawn(dtype, "normal_kernel_cpu"), Sizes(size), 0, 1), requires_grad);

    /// <summary>Integers in [low, high).</summary>
    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null)
    {
        if (low >= high) throw new ArgumentValueException($"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}");
        return Made(Drawing.integersBetween(From(generator), Device.On(device), (dtype ?? ScalarType.Int64).Core(), Sizes(size), low, high), requires_grad);
    }

    /// <summary>Integers in [0, high).</summary>
    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator);

    /// <summary>0 ... n - 1 in random order.</summary>
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null)
    {
        if (n < 0) throw new ArgumentValueException($"n must be non-negative, got {n}");
        return Made(Drawing.permutation(From(generator), Device.On(device), (dtype ?? ScalarType.Int64).Core(), Convert.Int(n)), requires_grad);
    }

    /// <summary>Uniform numbers in [0, 1), like another tensor.</summary>
    public static Tensor rand_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => rand(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);
    /// <summary>Standard normal numbers, like another tensor.</summary>
    public static Tensor randn_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => randn(input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);
    /// <summary>Integers in [low, high), like another tensor.</summary>
    public static Tensor randint_like(Tensor input, long low, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => randint(low, high, input.shape, dtype ?? input.dtype, device ?? input.device, requires_grad);
    /// <summary>Integers in [0, high), like another tensor.</summary>
    public static Tensor randint_like(Tensor input, long high, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => randint_like(input, 0, high, dtype, device, requires_grad);

    /// <summary>Ones, each with its own probability, zeros else.</summary>
    public static Tensor bernoulli(Tensor input, Generator? generator = null)
    {
        if (!input.is_floating_point()) throw new DtypeException($"\"bernoulli_tensor_cpu_self_\" not implemented for '{Named(input)}'");
        if (input.numel() > 0 && (min(input).ToDouble() < 0 || max(input).ToDouble() > 1)) throw new ArgumentValueException("Expected p_in >= 0 && p_in <= 1 to be true, but got false.");
        return new(Drawing.bernoulliOf(From(generator), input.Core));
    }

    /// <summary>Ones of probability p, zeros else, like another tensor.</summary>
    public static Tensor bernoulli(Tensor input, double p, Generator? generator = null) => zeros_like(input).bernoulli_(p, generator);

    /// <summary>Normal numbers.</summary>
    [Forms(Forms.Out)]
    public static Tensor normal(double mean, double std, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        std < 0 ? throw new ArgumentValueException($"normal expects std >= 0.0, but found std {std}")
            : Made(Drawing.normal(From(generator), Device.On(device), Drawn(dtype, "normal_kernel_cpu"), Sizes(size), mean, std), requires_grad);

    /// <summary>Normal numbers, each with its own mean and deviation.</summary>
    [Forms(Forms.Out)]
    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null)
    {
        var pair = broadcast_tensors(mean, std);
        return add(mul(new Tensor(Drawing.normal(From(generator), mean.Core.Backend, mean.Core.Dtype, pair[0].Core.Shape, 0, 1)), pair[1]), pair[0]);
    }

    /// <summary>Normal numbers with one mean, each with its own deviation.</summary>
    [Forms(Forms.Out)]
    public static Tensor normal(double mean, Tensor std, Generator? generator = null) => normal(full_like(std, mean), std, generator);
    /// <summary>Normal numbers, each with its own mean, with one deviation.</summary>
    [Forms(Forms.Out)]
    public static Tensor normal(Tensor mean, double std = 1, Generator? generator = null) => normal(mean, full_like(mean, std), generator);

    public partial class Tensor
    {
        /// <summary>Overwrites all elements with ones, each with its own probability, zeros else.</summary>
        public Tensor bernoulli_(Tensor p, Generator? generator = null) => Writable("bernoulli_").Overwrite(Engine.cast(value.Dtype, torch.bernoulli(p.expand(shape), generator).Core));

        /// <summary>Overwrites all elements with uniform numbers in [from, to).</summary>
        public Tensor uniform_(double from = 0, double to = 1, Generator? generator = null)
        {
            if (from > to) throw new ArgumentValueException($"uniform_ expects to return a [from, to) range, but found from={from} > to={to}");
            return Drawn_("uniform_", sizes => Drawing.uniform(From(generator), value.Backend, value.Dtype, sizes, from, to));
        }

        /// <summary>Overwrites all elements with normal numbers.</summary>
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            std < 0 ? throw new ArgumentValueException($"normal_ expects std >= 0.0, but found std {std}")
                : Drawn_("normal_", sizes => is_contiguous() || is_complex()
                    ? Drawing.normal(From(generator), value.Backend, value.Dtype, sizes, mean, std)
                    : Drawing.normalOneByOne(From(generator), value.Backend, value.Dtype, sizes, mean, std));

        /// <summary>Overwrites all elements with ones of probability p, zeros else.</summary>
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Drawn_("bernoulli_", sizes => Drawing.bernoulli(From(generator), value.Backend, value.Dtype, sizes, p));

        /// <summary>Ones, each with the probability that stands at its place.</summary>
        public Tensor bernoulli(Generator? generator = null) => torch.bernoulli(this, generator);

        /// <summary>Overwrites all elements with drawn ones, in the order in which they lie in memory, as PyTorch does.</summary>
        Tensor Drawn_(string name, Func<int[], CoreTensor> draw)
        {
            Writable(name);
            if (is_contiguous() || is_complex())
            {
                Store(draw(value.Shape));
                return this;
            }

            var (strides, rank) = (stride(), (int)dim());
            int[] order = [.. Enumerable.Range(0, rank).OrderByDescending(d => strides[d])];
            Store(Structure.permute([.. Enumerable.Range(0, rank).Select(d => Array.IndexOf(order, d))], draw([.. order.Select(d => value.Shape[d])])));
            return this;
        }
    }
}
