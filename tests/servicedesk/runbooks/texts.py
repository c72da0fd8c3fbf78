"""A small runbook that has one step of every kind."""

from __future__ import annotations

FRONT = """---
id: every-kind
title_en: One step of every kind
title_zh: 每种步骤各一个
summary_en: For tests.
summary_zh: 用于测试。
version: 3
category: fault
checks: filesystem_used
classes: server
causes: capacity
words: printer jams
minutes: 10
source: df(1)
---
"""
STEPS = """
## look (collect)
- checks: filesystem_used
- show: df -P*
- expect: normal

### en: Look

Some *text* and a <script>alert(1)</script>.

```
## not a step
```

### zh: 查看

一些文字。

```
## 不是步骤
```

## which (decision)
- option: logs -> photo | Logs | 日志
- option: other -> sign | Something else | 其他

### en: Which?

### zh: 哪一种？

## photo (input)
- field: photo

### en: Take a photo

### zh: 拍照

## count (input, optional)
- field: number
- unit: °C
- min: 10
- max: 40

### en: Read the thermometer

### zh: 读温度计

## sign (approval)
- by: supervisor

### en: A supervisor agrees

### zh: 主管同意

## tell (message)
- to: requester

### en: Tell the requester

We have begun.

### zh: 告知报修人

已开始处理。

## again (wait)
- minutes: 10
- checks: filesystem_used

### en: Look again

### zh: 再次查看

## give (handoff, optional)

### en: Hand over

### zh: 转交
"""
EVERY_KIND = FRONT + STEPS
