namespace Functional.Gpu;

/// <summary>The kernels of products, windows, rows, attention, indices and transforms.</summary>
internal static class MatrixKernels
{
    private static readonly Type[][] Reals =
    [
        [typeof(float), typeof(float), typeof(Float32Element)],
        [typeof(double), typeof(double), typeof(Float64Element)],
        [typeof(ushort), typeof(float), typeof(Float16Element)],
        [typeof(ushort), typeof(float), typeof(BFloat16Element)],
    ];

    private static readonly Type[][] Integers =
        [.. ((Type[])[typeof(byte), typeof(sbyte), typeof(short), typeof(int), typeof(long)]).Select(Plain)];

    private static readonly Type[][] Pairs = [Plain(typeof(DevicePair<float>)), Plain(typeof(DevicePair<double>))];

    /// <summary>All of them, closed over the types that they are started with.</summary>
    public static IEnumerable<Type> All =>
    [
        .. Reals.SelectMany(OfReals),
        .. Reals.Concat(Integers).SelectMany(OfNumbers),
        .. Reals.Concat(Integers).Concat(Pairs).SelectMany(OfSums),
        .. ((Type[])[typeof(byte), typeof(ushort), typeof(uint), typeof(ulong), typeof(Wide)]).SelectMany(OfMoves),
        typeof(FourierPass<float>),
        typeof(FourierPass<double>),
        typeof(IndexLinks),
        typeof(SortedIndexLinks),
        typeof(FillKernel),
        typeof(CountTruths),
        typeof(PlaceTruths),
    ];

    private static Type[] Plain(Type element) => [element, element, typeof(PlainElement<>).MakeGenericType(element)];

    private static IEnumerable<Type> OfReals(Type[] types) =>
        from kernel in (Type[])
        [
            typeof(SoftmaxKernel<,,>), typeof(SoftmaxPullback<,,>), typeof(CrossEntropyKernel<,,>), typeof(CrossEntropyPullback<,,>), typeof(RowDot<,,>), typeof(NormalizeKernel<,,>), typeof(NormalizePullback<,,>),
            typeof(NormalizeColumns<,,>), typeof(MixKernel<,,>),
            typeof(AttentionForward<,,>), typeof(AttentionBackward<,,>),
        ]
        select kernel.MakeGenericType(types);

    private static IEnumerable<Type> OfNumbers(Type[] types) =>
    [
        Window(types, typeof(OutputsSeeInputs), typeof(WindowArgMaximum<>).MakeGenericType(types[1]), typeof(Placed<>).MakeGenericType(types[1]), typeof(long)),
        .. Scatters(types, typeof(Rising<>), typeof(Falling<>)),
    ];

    private static IEnumerable<Type> OfSums(Type[] types)
    {
        Type value = types[1], strided = typeof(StridedOperand<,,>).MakeGenericType(types), rows = typeof(RowMajorResult<,,>).MakeGenericType(types);
        Type parts = typeof(SplitResult<,,>).MakeGenericType(value, value, typeof(PlainElement<>).MakeGenericType(value));
        Type images = typeof(ImageResult<,,>).MakeGenericType(types);
        Type outputs = typeof(OutputGradientOperand<,,>).MakeGenericType(types), taps = Patches(types, typeof(TapPart), typeof(PixelPart));
        return
        [
            Product(value, strided, typeof(int), strided, typeof(int), rows),
            Product(value, strided, typeof(int), strided, typeof(int), parts),
            Product(value, strided, typeof(int), Patches(types, typeof(PixelPart), typeof(TapPart)), typeof(PixelLine), images),
            Product(value, typeof(FilterOperand<,,>).MakeGenericType(types), typeof(int), typeof(InputGradientOperand<,,>).MakeGenericType(types), typeof(PixelLine), images),
            Product(value, outputs, typeof(int), taps, typeof(PixelLine), rows),
            Product(value, outputs, typeof(int), taps, typeof(PixelLine), parts),
            typeof(SplitSum<,,>).MakeGenericType(types),
            Window(types, typeof(OutputsSeeInputs), typeof(WindowSum<,,>).MakeGenericType(types), value, types[0]),
            Window(types, typeof(InputsSeeOutputs), typeof(WindowSum<,,>).MakeGenericType(types), value, types[0]),
            typeof(WidenKernel<,,>).MakeGenericType(types),
            .. Scatters(types, typeof(Adding<>), typeof(Multiplying<>)),
        ];
    }

    private static IEnumerable<Type> OfMoves(Type element) =>
        [typeof(GatherKernel<>).MakeGenericType(element), .. Scatters(Plain(element), typeof(Replacing<>))];

    private static Type Patches(Type[] types, params Type[] parts) => typeof(PatchOperand<,,,,>).MakeGenericType([.. types, .. parts]);

    private static Type Window(Type[] types, params Type[] rest) => typeof(WindowKernel<,,,,,,>).MakeGenericType([.. types, .. rest]);

    private static Type Product(params Type[] types) => typeof(TiledProduct<,,,,,>).MakeGenericType(types);

    private static IEnumerable<Type> Scatters(Type[] types, params Type[] meetings) =>
        from kernel in (Type[])[typeof(ScatterWalk<,,,>), typeof(ScatterRows<,,,>)]
        from meeting in meetings
        select kernel.MakeGenericType([.. types, meeting.MakeGenericType(types[1])]);
}
