namespace Functional.Torch.Tests;

using static Functional.Torch.torch;
using Tensor = Functional.Torch.torch.Tensor;

/// <summary>With the same seed, parameters begin with the numbers of PyTorch 1.13, and as many are drawn for them.</summary>
public static class SeedTests
{
    static double[] Numbers(Tensor tensor) => [.. tensor.detach().to(ScalarType.Float64).reshape(-1).data<double>()];

    /// <summary>A sum in which terms cancel is as exact as they are.</summary>
    static void Sums(double expected, double[] all, string name) => Check.True(Math.Abs(expected - all.Sum()) <= 1e-6 * all.Sum(Math.Abs), $"{name}: the sum is {expected:R}, was {all.Sum():R}");

    /// <summary>
    /// From manual_seed(11): how many numbers all parameters have, then their sum and that of their squares, the first two, the middle
    /// and the last, and the next uniform number of the generator.
    /// </summary>
    static readonly (string Name, Func<nn.Module> Make, int Count, double[] Expected)[] modules =
    [
        ("Conv1d", () => nn.Conv1d(3, 4, 5), 64,
            [-0.10028239013627172, 1.2120065417694883, -0.18123407661914825, -0.006943932268768549, -0.1322988122701645, -0.1172444224357605, 0.7693894505500793]),
        ("Conv2d", () => nn.Conv2d(4, 6, 3, groups: 2), 114,
            [0.6799912535352632, 1.9654590204255358, -0.1654433310031891, -0.0063389139249920845, 0.012801852077245712, 0.21039652824401855, 0.26030397415161133]),
        ("Conv2d of a rectangle", () => nn.Conv2d(2, 3, (2, 3)), 39,
            [0.6548189165769145, 1.0676691761403636, -0.20262585580348969, -0.007763552479445934, 0.1531691551208496, -0.04298284277319908, 0.4382133483886719]),
        ("Conv3d", () => nn.Conv3d(2, 3, 2), 51,
            [0.13979050517082214, 0.9341746881457071, -0.17547914385795593, -0.00672343373298645, -0.22024425864219666, -0.003996998071670532, 0.7170894145965576]),
        ("Conv3d without bias", () => nn.Conv3d(2, 3, 2, bias: false), 48,
            [0.2586078941822052, 0.9075479006451053, -0.17547914385795593, -0.00672343373298645, 0.16973334550857544, -0.13679948449134827, 0.585274338722229]),
        ("ConvTranspose1d", () => nn.ConvTranspose1d(3, 4, 5), 64,
            [-0.08684716047719121, 0.9090049237480983, -0.15695331990718842, -0.0060136220417916775, -0.1145741268992424, -0.10153664648532867, 0.7693894505500793]),
        ("ConvTranspose2d", () => nn.ConvTranspose2d(4, 6, 3, groups: 2), 114,
            [0.5552104874514043, 1.3103060144309566, -0.13508391380310059, -0.005175701808184385, 0.010452669113874435, 0.1717880517244339, 0.26030397415161133]),
        ("ConvTranspose3d", () => nn.ConvTranspose3d(2, 3, 2), 51,
            [0.11413846479263157, 0.622783174384083, -0.1432781219482422, -0.005489660892635584, -0.1798286885023117, -0.0032635354436933994, 0.7170894145965576]),
        ("Embedding", () => nn.Embedding(10, 4), 40,
            [-3.4581039333716035, 38.76379412738455, -0.5107975602149963, 1.0282717943191528, -0.15462511777877808, -0.6388277411460876, 0.25246137380599976]),
        ("Embedding with a padding", () => nn.Embedding(5, 3, padding_idx: 2), 15,
            [-1.01117642223835, 11.349382192900023, 0.7376294732093811, 1.9459291696548462, 0.0, 0.16479843854904175, 0.2438044548034668]),
        ("EmbeddingBag", () => nn.EmbeddingBag(10, 4), 40,
            [-3.4581039333716035, 38.76379412738455, -0.5107975602149963, 1.0282717943191528, -0.15462511777877808, -0.6388277411460876, 0.25246137380599976]),
        ("EmbeddingBag with a padding", () => nn.EmbeddingBag(5, 3, padding_idx: 0), 15,
            [-1.8146657049655914, 7.026952880008107, 0.0, 0.0, 0.4839252829551697, 0.16479843854904175, 0.2438044548034668]),
        ("Bilinear", () => nn.Bilinear(3, 4, 5), 65,
            [0.08682580082677305, 6.1567936129158, -0.40525171160697937, -0.015527104958891869, -0.2958291172981262, 0.31106412410736084, 0.8017467856407166]),
        ("RNN", () => nn.RNN(3, 5), 50,
            [0.25721487984992564, 2.989307819370733, -0.31390663981437683, -0.012027244083583355, -0.39398491382598877, -0.28166863322257996, 0.49200600385665894]),
        ("RNN of two layers and directions", () => nn.RNN(3, 4, 2, bidirectional: true), 184,
            [2.7091104984283447, 14.068923405131258, -0.35095828771591187, -0.0134468674659729, -0.23411279916763306, 0.43434661626815796, 0.4126291871070862]),
        ("LSTM", () => nn.LSTM(3, 4, 2), 304,
            [2.611224889755249, 23.1043097833876, -0.35095828771591187, -0.0134468674659729, -0.3456844091415405, -0.3438430428504944, 0.5940467715263367]),
        ("LSTM with a projection", () => nn.LSTM(3, 5, proj_size: 2, bidirectional: true), 300,
            [2.8285676368977875, 18.254398994090536, -0.31390663981437683, -0.012027244083583355, 0.09978516399860382, 0.11549472063779831, 0.7509169578552246]),
        ("GRU", () => nn.GRU(3, 5, 2, bias: false), 270,
            [2.1227579487022012, 16.36389217761999, -0.31390663981437683, -0.012027244083583355, -0.1883329600095749, 0.30976545810699463, 0.3018641471862793]),
        ("GRU of both directions", () => nn.GRU(3, 4, bidirectional: true), 216,
            [1.4576484560966492, 15.987471970536998, -0.35095828771591187, -0.0134468674659729, 0.10328483581542969, -0.3835144639015198, 0.9906080365180969]),
        ("RNNCell", () => nn.RNNCell(3, 5), 50,
            [0.25721487984992564, 2.989307819370733, -0.31390663981437683, -0.012027244083583355, -0.39398491382598877, -0.28166863322257996, 0.49200600385665894]),
        ("LSTMCell", () => nn.LSTMCell(3, 5), 200,
            [0.8867242264095694, 11.748462294325492, -0.31390663981437683, -0.012027244083583355, 0.17951738834381104, -0.33483126759529114, 0.4559229612350464]),
        ("GRUCell", () => nn.GRUCell(3, 5), 150,
            [1.9267735893372446, 9.07034743554713, -0.31390663981437683, -0.012027244083583355, -0.267740398645401, -0.17382638156414032, 0.6115632057189941]),
        ("MultiheadAttention", () => nn.MultiheadAttention(8, 2), 288,
            [1.8317564137396403, 13.223244414323695, 0.07653218507766724, 0.25999313592910767, 0.4248790144920349, 0.0, 0.46940237283706665]),
        ("MultiheadAttention with bias_k", () => nn.MultiheadAttention(8, 2, add_bias_kv: true), 304,
            [2.386929986823816, 13.78925946747059, 0.07653218507766724, 0.25999313592910767, 0.38252973556518555, 0.0, 0.0993804931640625]),
        ("MultiheadAttention of other widths", () => nn.MultiheadAttention(8, 2, kdim: 3, vdim: 5), 224,
            [0.517910033930093, 18.271068276451118, 0.10823285579681396, 0.36768585443496704, -0.11871355772018433, 0.0, 0.4559229612350464]),
        ("TransformerEncoderLayer", () => nn.TransformerEncoderLayer(8, 2, 16), 600,
            [12.995133679418359, 37.35412758539488, 0.07653218507766724, 0.25999313592910767, 0.084879070520401, 0.0, 0.3889663815498352]),
        ("TransformerDecoderLayer", () => nn.TransformerDecoderLayer(8, 2, 16), 904,
            [17.256823992123827, 59.42210409986936, 0.07653218507766724, 0.25999313592910767, 0.13013988733291626, 0.0, 0.05956155061721802]),
        ("PReLU", () => nn.PReLU(3), 3,
            [0.75, 0.1875, 0.25, 0.25, 0.25, 0.25, 0.14904171228408813]),
        ("Linear", () => nn.Linear(5, 4), 24,
            [1.5884227401111275, 1.43796498755591, -0.31390663981437683, -0.012027244083583355, -0.20402993261814117, 0.07336420565843582, 0.8394666910171509]),
    ];

    public static void Modules_begin_as_PyTorchs()
    {
        foreach (var (name, make, count, expected) in modules)
        {
            manual_seed(11);
            double[] all = [.. make().parameters().SelectMany(Numbers)];
            Check.Equal(count, all.Length, name);
            Sums(expected[0], all, name);
            Check.Near(expected[1..], [all.Sum(v => v * v), all[0], all[1], all[count / 2], all[^1], rand(1).ToDouble()], 1e-6, name);
        }
    }

    /// <summary>From manual_seed(12): sum, sum of squares, the first two and the last.</summary>
    static readonly (string Name, Func<Tensor, Tensor> Fill, long[] Shape, double[] Expected)[] fillings =
    [
        ("xavier_uniform_(w)", w => nn.init.xavier_uniform_(w), [6, 4],
            [-0.8071035444736481, 3.9452060903330493, -0.0531567707657814, -0.4139958918094635, 0.48593831062316895]),
        ("xavier_uniform_(w, gain: 2.5)", w => nn.init.xavier_uniform_(w, gain: 2.5), [4, 3, 2, 2],
            [-4.675754547119141, 16.326900529191175, -0.0794181078672409, -0.6185246109962463, -0.7407105565071106]),
        ("xavier_normal_(w)", w => nn.init.xavier_normal_(w), [6, 4],
            [0.47857510671019554, 3.6245076787184507, -0.0590379573404789, -0.05609741434454918, -0.923292875289917]),
        ("xavier_normal_(w, gain: 0.5)", w => nn.init.xavier_normal_(w, gain: 0.5), [4, 3, 2, 2],
            [-1.3602306423708797, 0.6329724202978413, -0.017640963196754456, -0.01676230877637863, 0.20103898644447327]),
        ("kaiming_uniform_(w)", w => nn.init.kaiming_uniform_(w), [6, 4],
            [-1.276142805814743, 9.863015197236175, -0.08404823392629623, -0.6545850038528442, 0.7683359384536743]),
        ("kaiming_uniform_(w, 0.7, nn.init.FanInOut.FanOut)", w => nn.init.kaiming_uniform_(w, 0.7, nn.init.FanInOut.FanOut), [4, 3, 2, 2],
            [-2.026924692094326, 3.0681428695670463, -0.034427497535943985, -0.2681284546852112, -0.32109564542770386]),
        ("kaiming_uniform_(w, nonlinearity: 'relu')", w => nn.init.kaiming_uniform_(w, nonlinearity: "relu"), [6, 4],
            [-1.276142805814743, 9.863015197236175, -0.08404823392629623, -0.6545850038528442, 0.7683359384536743]),
        ("kaiming_normal_(w)", w => nn.init.kaiming_normal_(w), [6, 4],
            [0.7566938130185008, 9.06126933531683, -0.0933472067117691, -0.08869779855012894, -1.459854245185852]),
        ("kaiming_normal_(w, 0.7, nn.init.FanInOut.FanOut)", w => nn.init.kaiming_normal_(w, 0.7, nn.init.FanInOut.FanOut), [4, 3, 2, 2],
            [-2.948277920484543, 2.9736958069382498, -0.038236506283283234, -0.036332033574581146, 0.43574875593185425]),
        ("kaiming_normal_(w, nonlinearity: 'tanh')", w => nn.init.kaiming_normal_(w, nonlinearity: "tanh"), [4, 3, 5],
            [-3.300616933964193, 9.328368853900974, -0.05680929869413376, -0.05397976189851761, -0.522674560546875]),
        ("normal_(w, 1.5, 0.2)", w => nn.init.normal_(w, 1.5, 0.2), [5, 5],
            [37.14352786540985, 55.88366978679723, 1.4735974073410034, 1.4749125242233276, 1.3255643844604492]),
        ("normal_(w)", w => nn.init.normal_(w), [3, 2],
            [-1.4974558502435684, 3.9535998820432807, -0.21381382644176483, -1.377962589263916, -1.0884376764297485]),
        ("uniform_(w, -2, 3)", w => nn.init.uniform_(w, -2, 3), [5, 5],
            [11.003257632255554, 47.077199841613954, 0.32843726873397827, -0.8361659646034241, 1.6081733703613281]),
        ("trunc_normal_(w, 0.5, 2, -1, 1.5)", w => nn.init.trunc_normal_(w, 0.5, 2, -1, 1.5), [5, 5],
            [6.322267681360245, 11.555032844109823, 0.21374747157096863, -0.35325390100479126, 0.8124313354492188]),
        ("orthogonal_(w, 2)", w => nn.init.orthogonal_(w, 2), [4, 6],
            [-2.438065730035305, 16.00000114443124, -0.2342672348022461, -0.22259894013404846, -1.5335005521774292]),
        ("sparse_(w, 0.4)", w => nn.init.sparse_(w, 0.4), [6, 5],
            [-0.030779346867348067, 0.0010211008814320806, -0.0013201289111748338, 0.0, 0.0018076186534017324]),
    ];

    public static void Initializers_draw_as_PyTorchs()
    {
        foreach (var (name, fill, shape, expected) in fillings)
        {
            manual_seed(12);
            var w = empty(shape);
            fill(w);
            var all = Numbers(w);
            Sums(expected[0], all, name);
            Check.Near([expected[1]], [all.Sum(v => v * v)], 1e-6, name);
            // Normal numbers are a radius times a cosine in single precision: near 0 they are as exact as numbers of the usual size.
            // The matrix of orthogonal_ comes out of a decomposition in single precision.
            var usual = Math.Sqrt(expected[1] / all.Length);
            double[] some = [all[0], all[1], all[^1]];
            Check.Close(expected[2..].Select(v => v / usual), some.Select(v => v / usual), name.StartsWith("orthogonal_") ? 1e-5 : 1e-6, name);
        }
    }
}
