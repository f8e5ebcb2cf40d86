"""The rows of Rows.cs in PyTorch: a line "name<TAB>milliseconds" for each. Arguments: --tiny, --seconds S, --row NAME, --version."""
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError as missing:
    print(f"no PyTorch: {missing}")
    sys.exit()

tiny = "--tiny" in sys.argv
seconds = float(sys.argv[sys.argv.index("--seconds") + 1]) if "--seconds" in sys.argv else 1.0
device = "cuda" if torch.cuda.is_available() else "cpu"
if "--version" in sys.argv:
    seen = device == "cuda" or tiny
    print(f"PyTorch {torch.__version__} on {torch.cuda.get_device_name() if device == 'cuda' else 'the processor'}" if seen else "no GPU that PyTorch sees")
    sys.exit()
if device == "cpu" and not tiny:
    sys.exit("PyTorch sees no GPU here")


def synchronize():
    if device == "cuda":
        torch.cuda.synchronize()


def milliseconds(work):
    def block(calls):
        synchronize()
        start = time.perf_counter()
        for _ in range(calls):
            work()
        synchronize()
        return 1000 * (time.perf_counter() - start) / calls

    work()
    work()
    calls = int(min(max(1000 * seconds / 5 / max(block(1), 1e-3), 1), 10_000))
    return statistics.median(block(calls) for _ in range(5))


side, columns, lines = (128, 128, 16) if tiny else (8192, 4096, 16384)
heads, steps = (2, 64) if tiny else (8 * 16, 2048)
batch, hidden = (16, 32) if tiny else (4096, 4096)
layers, width, gpt_heads, gpt_batch, context, vocabulary = (1, 32, 2, 2, 16, 100) if tiny else (12, 768, 12, 8, 512, 50304)


def normal(*size):
    return torch.randn(*size, device=device)


def over(function):
    x = normal(lines, columns)
    return lambda: function(x)


def matmul(dtype, tf32):
    a, b = normal(side, side).to(dtype), normal(side, side).to(dtype)

    def work():
        torch.backends.cuda.matmul.allow_tf32 = tf32
        a @ b
        torch.backends.cuda.matmul.allow_tf32 = False

    return work


def fused():
    a, b, c = (normal(lines, columns) for _ in range(3))
    return lambda: a * b + c


def attention():
    parts = [normal(1, heads, steps, 64).to(torch.bfloat16) for _ in range(3)]
    if hasattr(F, "scaled_dot_product_attention"):
        return lambda: F.scaled_dot_product_attention(*parts)
    query, key, value = parts
    return lambda: torch.softmax(query @ key.transpose(-1, -2) / 8, -1) @ value


def adam():
    weight = nn.Parameter(normal(lines, columns))
    optimizer = torch.optim.Adam([weight])
    weight.grad = normal(lines, columns)
    return optimizer.step


def step(network, given, wanted, rate):
    network.to(device)
    optimizer = torch.optim.AdamW(network.parameters(), rate)

    def work():
        optimizer.zero_grad()
        F.cross_entropy(network(given).flatten(0, -2), wanted).backward()
        optimizer.step()

    return work


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.conv1 = nn.Conv2d(3, w, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(w)
        sizes = [(w, w, 1), (w, w, 1), (w, 2 * w, 2), (2 * w, 2 * w, 1), (2 * w, 4 * w, 2), (4 * w, 4 * w, 1), (4 * w, 8 * w, 2), (8 * w, 8 * w, 1)]
        self.layers = nn.Sequential(*(Block(*size) for size in sizes))
        self.fc = nn.Linear(8 * w, 1000)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.layers(x).mean((2, 3)))


class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection, self.output = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        n, t, w = x.shape
        query, key, value = self.projection(x).view(n, t, 3, gpt_heads, w // gpt_heads).permute(2, 0, 3, 1, 4)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            hidden_from = torch.ones(t, t, dtype=torch.bool, device=x.device).triu(1)
            scores = (query @ key.transpose(-1, -2) / (w // gpt_heads) ** 0.5).masked_fill(hidden_from, float("-inf"))
            mixed = torch.softmax(scores, -1) @ value
        return self.output(mixed.transpose(1, 2).reshape(n, t, w))


class GptBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.Sequential(nn.LayerNorm(width), SelfAttention())
        self.thought = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        x = x + self.attention(x)
        return x + self.thought(x)


class Gpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(GptBlock() for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

    def forward(self, text):
        x = self.tokens(text) + self.places(torch.arange(text.shape[1], device=text.device))
        return self.head(self.norm(self.blocks(x)))


def integers(high, *size):
    return torch.randint(high, size, device=device)


def mlp():
    network = nn.Sequential(nn.Linear(784, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 10))
    return step(network, normal(batch, 784), integers(10, batch), 1e-3)


def resnet():
    if tiny:
        return step(ResNet18(4), normal(2, 3, 32, 32), integers(1000, 2), 1e-3)
    return step(ResNet18(64), normal(64, 3, 224, 224), integers(1000, 64), 1e-3)


rows = {
    "copy": lambda: over(torch.clone),
    "matmul fp32": lambda: matmul(torch.float32, False),
    "matmul tf32": lambda: matmul(torch.float32, True),
    "matmul bf16": lambda: matmul(torch.bfloat16, False),
    "a * b + c": fused,
    "gelu(x) * sigmoid(x) + x": lambda: over(lambda x: F.gelu(x) * torch.sigmoid(x) + x),
    "softmax": lambda: over(lambda x: F.softmax(x, -1)),
    "layer norm": lambda: over(lambda x: F.layer_norm(x, [columns])),
    "attention bf16": attention,
    "Adam": adam,
    "MLP step": mlp,
    "ResNet-18 step": resnet,
    "GPT step": lambda: step(Gpt(), integers(vocabulary, gpt_batch, context), integers(vocabulary, gpt_batch * context), 3e-4),
}
only = sys.argv[sys.argv.index("--row") + 1] if "--row" in sys.argv else None
for name, make in rows.items():
    if only in (None, name):
        print(f"{name}\t{milliseconds(make())}", flush=True)
        if device == "cuda":
            torch.cuda.empty_cache()
